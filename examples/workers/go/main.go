// Packs directories of this machine into .tar.gz files: the work of the method createArchive.
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
	// Pings find out within 15 s that the network is gone. A server that was away is found again after 5 s at most.
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

func createArchive(ctx context.Context, attempt *worker.Attempt) (map[string]any, error) {
	asked, _ := attempt.Request["directory"].(string)
	directory, err := filepath.EvalSymlinks(asked)
	if info, statErr := os.Stat(directory); err != nil || statErr != nil || !info.IsDir() {
		return nil, &worker.Failed{Code: codes.NotFound, Message: fmt.Sprintf("There is no directory %q here.", asked)}
	}
	output, _ := attempt.Request["output"].(string)
	if output == "" {
		output = filepath.Join("data", "archives", filepath.Base(attempt.Name)+".tar.gz")
	}
	if err := os.MkdirAll(filepath.Dir(output), 0o777); err != nil {
		return nil, err
	}
	// The number of the attempt keeps an attempt that was lost away from the file of the next one.
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

// pack answers how many entries the archive has.
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
