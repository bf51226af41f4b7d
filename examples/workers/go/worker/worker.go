// Package worker claims operations of longrunning over gRPC and runs their handlers. It follows the
// rules of docs/workers.md.
package worker

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "longrunning.example/worker/gen/workers"
)

const (
	claimTime  = 30 * time.Second       // How long a claim waits for work.
	callTime   = 5 * time.Second        // Time limit of other calls, or a fifth of the lease if shorter.
	stopTime   = 3 * time.Second        // How long handlers may take to stop before a release.
	pauseFirst = 400 * time.Millisecond // Pause before a call is repeated. It doubles each time.
	pauseMax   = 10 * time.Second
)

// Handler does the work of a method, and returns the response. nil is an empty response. The
// handler must stop when ctx is done.
type Handler func(ctx context.Context, attempt *Attempt) (map[string]any, error)

// Worker claims operations and runs their handlers.
type Worker struct {
	Connection grpc.ClientConnInterface
	Handlers   map[string]Handler // The handler of each method, by the method's name.
	Slots      int                // Handlers that run at the same time, 1 to 1000.
	Lease      time.Duration      // The length of a lease, 5 seconds to 10 minutes.
	Drain      time.Duration      // How long running handlers may take to end at shutdown.
}

// Run works until ctx is done or the server refuses a claim. It returns the refusal as an error.
// Before it returns, it lets handlers end for the time Drain, then stops them, and releases the
// attempts whose handlers still run.
func (w *Worker) Run(ctx context.Context) error {
	var running sync.WaitGroup
	handling, stop := context.WithCancelCause(context.Background())
	waiting, giveBack := context.WithCancel(context.Background())
	client := pb.NewWorkersClient(w.Connection)
	slots := make(chan struct{}, w.Slots)
	err := w.claim(ctx, client, slots, func(claim *pb.Claim, sent time.Time) {
		slots <- struct{}{}
		attempt := newAttempt(handling, client, claim, sent, w.Lease)
		running.Go(func() {
			attempt.run(waiting, w.Handlers[claim.Method])
			<-slots
		})
	})
	ended, end := context.WithCancel(context.Background())
	go func() {
		running.Wait()
		end()
	}()
	wait(ended, w.Drain)
	stop(errShutdown)
	wait(ended, stopTime)
	giveBack()
	wait(ended, 2*callTime)
	return err
}

// claim claims operations until ctx is done, as many as there are free slots, and calls begin for
// each.
func (w *Worker) claim(ctx context.Context, client pb.WorkersClient, slots chan struct{}, begin func(*pb.Claim, time.Time)) error {
	host, _ := os.Hostname()
	request := &pb.ClaimOperationsRequest{
		Methods: slices.Collect(maps.Keys(w.Handlers)),
		Worker:  fmt.Sprintf("%s/%d", host, os.Getpid()),
		Lease:   durationpb.New(w.Lease),
		Timeout: durationpb.New(claimTime),
	}
	pause := pauseFirst
	for {
		select {
		case slots <- struct{}{}: // A slot is free.
			<-slots
		case <-ctx.Done():
			return nil
		}
		request.Limit = int32(cap(slots) - len(slots))
		sent := time.Now()
		calling, cancel := context.WithTimeout(ctx, claimTime+callTime)
		answer, err := client.ClaimOperations(calling, request)
		cancel()
		switch {
		case err == nil:
			pause = pauseFirst
		case ctx.Err() != nil:
			return nil
		case !isRepeated(err):
			return err
		default:
			// The server may have claimed operations for this call. When their first leases expire,
			// it offers them again without counting an attempt.
			wait(ctx, pause)
			pause = min(2*pause, pauseMax)
		}
		for _, claim := range answer.GetClaims() {
			begin(claim, sent)
		}
	}
}

// wait waits until ctx is done, at most for the time most.
func wait(ctx context.Context, most time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(most):
	}
}
