# --build-arg VERSION=…, --build-arg COMMIT=… and --build-arg DATE=… say what is built: the history is not in the context.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION COMMIT DATE
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -X memberportal/internal/cli.releaseVersion=$VERSION -X memberportal/internal/cli.releaseCommit=$COMMIT -X memberportal/internal/cli.releaseDate=$DATE" -o /memberportal .

FROM gcr.io/distroless/static-debian12
COPY --from=build /src/LICENSE /src/NOTICE /usr/share/doc/memberportal/
COPY --from=build /memberportal /usr/local/bin/memberportal
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["memberportal", "health"]
ENTRYPOINT ["memberportal"]
