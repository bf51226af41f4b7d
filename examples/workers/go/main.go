// Command worker is a worker for the method createArchive. It packs directories of its machine into
// .tar.gz files.
//
//	go run . 127.0.0.1:8080
package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"longrunning.example/worker/worker"
)

func main() {
	server := "127.0.0.1:8080"
	if len(os.Args) > 1 {
		server = os.Args[1]
	}
	// Keepalive pings detect a lost network within 15 s. After an outage of the server, the connection
	// is retried at least every 5 s.
	pings := keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}
	retries := grpc.ConnectParams{Backoff: backoff.DefaultConfig, MinConnectTimeout: 5 * time.Second}
	retries.Backoff.MaxDelay = 5 * time.Second
	connection, err := grpc.NewClient(server, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithKeepaliveParams(pings), grpc.WithConnectParams(retries))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	handlers := map[string]worker.Handler{"createArchive": createArchive}
	archiver := &worker.Worker{
		Connection: connection, Handlers: handlers, Slots: 4, Lease: 30 * time.Second, Drain: 20 * time.Second,
	}
	if err := archiver.Run(ctx); err != nil {
		log.Fatal(err)
	}
}

// createArchive packs a directory into a file, and returns the response of the method.
func createArchive(ctx context.Context, attempt *worker.Attempt) (map[string]any, error) {
	requested, _ := attempt.Request["directory"].(string)
	directory, err := filepath.EvalSymlinks(requested)
	if info, statErr := os.Stat(directory); err != nil || statErr != nil || !info.IsDir() {
		return nil, &worker.Failed{Code: codes.NotFound, Message: fmt.Sprintf("The directory %q does not exist on the machine of this worker.", requested)}
	}
	output, _ := attempt.Request["output"].(string)
	if output == "" {
		output = filepath.Join("data", "archives", filepath.Base(attempt.Name)+".tar.gz")
	}
	if err := os.MkdirAll(filepath.Dir(output), 0o777); err != nil {
		return nil, err
	}
	// An attempt that has lost its lease may still be writing. The attempt number in the file name
	// keeps it away from the file of the next attempt.
	partial := fmt.Sprintf("%s.partial-%d", output, attempt.Number)
	defer os.Remove(partial)
	file, err := os.Create(partial)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	hash := sha256.New()
	count, err := pack(ctx, attempt, directory, io.MultiWriter(file, hash), output, partial)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if err := os.Rename(partial, output); err != nil {
		return nil, err
	}
	return map[string]any{
		"path": output, "sizeBytes": info.Size(), "sha256": hex.EncodeToString(hash.Sum(nil)), "entryCount": count,
	}, nil
}

// pack writes the archive of directory to a writer, and returns the number of entries.
func pack(ctx context.Context, attempt *worker.Attempt, directory string, to io.Writer, excluded ...string) (int, error) {
	total, err := sizeOf(directory)
	if err != nil {
		return 0, err
	}
	compressed := gzip.NewWriter(to)
	archive := tar.NewWriter(compressed)
	count, done := 0, int64(0)
	err = filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || isOneOf(path, excluded) {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := attempt.Report(progress(directory, path, done, total)); err != nil {
			return err
		}
		written, err := add(archive, directory, path, entry)
		count, done = count+1, done+written
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := archive.Close(); err != nil {
		return 0, err
	}
	return count, compressed.Close()
}

// add writes one entry to the archive, and returns the number of bytes of its content.
func add(archive *tar.Writer, directory, path string, entry fs.DirEntry) (int64, error) {
	info, err := entry.Info()
	if err != nil {
		return 0, err
	}
	link, _ := os.Readlink(path)
	header, err := tar.FileInfoHeader(info, link)
	if err != nil {
		return 0, err
	}
	if header.Name, err = filepath.Rel(filepath.Dir(directory), path); err != nil {
		return 0, err
	}
	if err := archive.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
		return 0, err
	}
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return io.CopyN(archive, file, info.Size())
}

func progress(directory, path string, done, total int64) map[string]any {
	percent := int64(100)
	if total > 0 {
		percent = 100 * done / total
	}
	return map[string]any{
		"progressPercent": percent, "statusMessage": "Packing " + directory, "currentFile": path,
		"bytesDone": done, "bytesTotal": total,
	}
}

// sizeOf returns the total size of the regular files in a directory, in bytes.
func sizeOf(directory string) (int64, error) {
	total := int64(0)
	err := filepath.WalkDir(directory, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

func isOneOf(path string, others []string) bool {
	for _, each := range others {
		if absolute, err := filepath.Abs(each); err == nil && absolute == path {
			return true
		}
	}
	return false
}
