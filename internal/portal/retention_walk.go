package portal

// eraseBatch is how many records one transaction erases, and personBatch how many persons are looked at
// together: for each one, a listing merges three streams.
