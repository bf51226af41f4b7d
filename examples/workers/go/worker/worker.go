// Package worker does the work of operations of longrunning over gRPC. It keeps the rules of docs/workers.md.
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
	callTime   = 5 * time.Second        // How long any other call may take, and a fifth of the lease at most.
	stopTime   = 3 * time.Second        // How long handlers have to stop. Then their attempts are given back all the same.
	pauseFirst = 400 * time.Millisecond // Before a call is repeated. Each further pause is twice as long.
	pauseMax   = 10 * time.Second
)

// Handler does the work of a method, and answers with the response; nil is an empty one. It stops when ctx is done.
type Handler func(ctx context.Context, attempt *Attempt) (map[string]any, error)

// Worker runs handlers for the operations that it claims.
type Worker struct {
	Connection grpc.ClientConnInterface
	Handlers   map[string]Handler // By the names of their methods.
	Slots      int                // Handlers at once, 1 to 1000.
	Lease      time.Duration      // 5 seconds to 10 minutes.
	Drain      time.Duration      // How long handlers may take to end when the worker is to stop.
}

// Run works until ctx is done, or until the server refuses a claim, which is the error. Then handlers may end; they are
// stopped after the drain; and what is left is given back.
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

// claim begins an attempt of each operation that it is given. It asks for as many as there are free slots.
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
		case slots <- struct{}{}: // One is free.
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
			// Operations that it claimed all the same come back after their first lease, and nothing counts.
			wait(ctx, pause)
			pause = min(2*pause, pauseMax)
		}
		for _, claim := range answer.GetClaims() {
			begin(claim, sent)
		}
	}
}

func wait(ctx context.Context, most time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(most):
	}
}
