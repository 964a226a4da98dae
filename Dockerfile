FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /memberportal .

FROM gcr.io/distroless/static-debian12
COPY --from=build /memberportal /usr/local/bin/memberportal
ENTRYPOINT ["memberportal"]
