// Package worker does the work of operations of longrunning over gRPC. It keeps the rules of docs/workers.md.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"

	pb "longrunning.example/worker/gen/workers"
)

const (
	claimTime  = 30 * time.Second       // How long a claim waits for work.
	answerTime = 5 * time.Second        // How long any other call may take. It is repeated then.
	beat       = 500 * time.Millisecond // How often leases are looked at, and how often progress is sent at most.
	stopTime   = 3 * time.Second        // How long handlers have to stop after the drain; then they are not waited for.
	bytesMax   = 3 << 20                // Larger messages are refused. The server takes less: 1 MiB of JSON in a payload.
)

// Connect opens a connection without TLS. Its pings find out within 15 s that the network is gone.
func Connect(address string) (*grpc.ClientConn, error) {
	pings := keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}
	retries := grpc.ConnectParams{Backoff: backoff.DefaultConfig, MinConnectTimeout: answerTime}
	retries.Backoff.MaxDelay = answerTime
	return grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithKeepaliveParams(pings), grpc.WithConnectParams(retries))
}

// Why the context of a handler was cancelled (context.Cause).
var (
	ErrCancelled = errors.New("somebody asked to cancel the operation")
	ErrLost      = errors.New("the lease was lost: another attempt may be running")
	ErrShutdown  = errors.New("the worker stops: another will run the operation again")
)

// Failed is an error that callers see. It ends the operation, unless Retry is set. After any other error of a handler
// another attempt follows, and only operators see its text.
type Failed struct {
	Code    codes.Code
	Message string
	Retry   bool
}

func (f *Failed) Error() string { return f.Message }

// Task is one attempt of an operation.
type Task struct {
	Name    string
	Attempt int32
	Request map[string]any
	// LastReport is what an attempt before this one reported last; nil for nothing.
	LastReport map[string]any

	claim  *pb.Claim
	ctx    context.Context
	cancel context.CancelCauseFunc
	lost   *time.Timer // Cancels when the lease is not to be trusted any more.

	mutex          sync.Mutex
	until, renewAt time.Time
	unsent         *pb.Renewal
	renewing       bool
}

// Report tells how far the work is. Of several reports within half a second the last is sent.
func (t *Task) Report(progress map[string]any) error {
	fields, err := structpb.NewStruct(progress)
	if err != nil {
		return err
	}
	renewal := &pb.Renewal{Attempt: t.claim.Attempt, MetadataPayload: &pb.Renewal_Metadata{Metadata: fields}}
	if size := proto.Size(renewal); size > bytesMax {
		return fmt.Errorf("the report has %d bytes; %d are the most", size, bytesMax)
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.unsent = renewal
	return nil
}

// trust keeps a lease, which counts from when the call was sent. Stopping takes a while, so it ends a little before.
func (t *Task) trust(sent time.Time, lease time.Duration) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.until = sent.Add(lease - min(3*time.Second, lease/10))
	t.renewAt = sent.Add(lease / 3)
	t.lost.Reset(time.Until(t.until))
}

func (t *Task) isLost() bool { return errors.Is(context.Cause(t.ctx), ErrLost) }

func (t *Task) left() time.Duration {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return time.Until(t.until)
}

// Handler does the work of a method. It stops when its context is done. A nil response is an empty one.
type Handler func(ctx context.Context, task *Task) (map[string]any, error)

// Worker runs handlers for the operations that it claims.
type Worker struct {
	Connection *grpc.ClientConn
	Handlers   map[string]Handler
	Slots      int
	Name       string        // What operators see. Host and process where it is empty.
	Lease      time.Duration // 30 seconds where it is 0.
	Drain      time.Duration // How long handlers may end when the worker stops.

	client  pb.WorkersClient
	lease   *durationpb.Duration
	mutex   sync.Mutex
	running map[*Task]struct{}
}

// Run works until ctx is done. Then it lets handlers end, stops those that take longer, and gives back what is left.
// It answers with an error where the server refuses the worker.
func (w *Worker) Run(ctx context.Context) error {
	w.client = pb.NewWorkersClient(w.Connection)
	w.running = map[*Task]struct{}{}
	if w.Lease == 0 {
		w.Lease = 30 * time.Second
	}
	w.lease = durationpb.New(w.Lease)
	if w.Name == "" {
		host, _ := os.Hostname()
		w.Name = fmt.Sprintf("%s/%d", host, os.Getpid())
	}
	beating, stop := context.WithCancel(context.Background())
	defer stop()
	go w.heartbeat(beating)
	refusal := w.claimLoop(ctx)
	w.waitForHandlers(w.Drain)
	for _, task := range w.tasks() {
		task.cancel(ErrShutdown)
	}
	w.waitForHandlers(stopTime)
	for _, task := range w.tasks() {
		w.deliver(task, task.claim.Attempt)
	}
	return refusal
}

func (w *Worker) waitForHandlers(most time.Duration) {
	for until := time.Now().Add(most); len(w.tasks()) > 0 && time.Now().Before(until); {
		time.Sleep(20 * time.Millisecond)
	}
}

// claimLoop asks for as many operations as there are free slots, until ctx is done.
func (w *Worker) claimLoop(ctx context.Context) error {
	ended := make(chan struct{}, w.Slots)
	for free := w.Slots; ; {
		for free == 0 || len(ended) > 0 {
			select {
			case <-ended:
				free++
			case <-ctx.Done():
				return nil
			}
		}
		claims, sent, err := w.claim(ctx, free)
		if err != nil || ctx.Err() != nil && len(claims) == 0 {
			return err
		}
		for _, claim := range claims {
			free--
			task := w.begin(claim, sent)
			go func() {
				w.work(task)
				ended <- struct{}{}
			}()
		}
	}
}

// claim answers what was claimed, and when the call was sent. A claim that fails may have claimed all the same: its
// operations come back after their first lease, and nothing counts.
func (w *Worker) claim(ctx context.Context, limit int) ([]*pb.Claim, time.Time, error) {
	request := &pb.ClaimOperationsRequest{
		Worker: w.Name, Limit: int32(min(limit, 1000)), Lease: w.lease, Timeout: durationpb.New(claimTime),
	}
	for method := range w.Handlers {
		request.Methods = append(request.Methods, method)
	}
	for failures := 1; ; failures++ {
		sent := time.Now()
		claiming, stop := context.WithTimeout(ctx, claimTime+answerTime)
		answer, err := w.client.ClaimOperations(claiming, request)
		stop()
		if err == nil || ctx.Err() != nil {
			return answer.GetClaims(), sent, nil
		}
		if isRefusal(err) {
			return nil, sent, fmt.Errorf("the server refuses this worker: %w", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause(failures)):
		}
	}
}

func (w *Worker) begin(claim *pb.Claim, sent time.Time) *Task {
	task := &Task{Name: claim.Attempt.Name, Attempt: claim.Attempt.Attempt, Request: claim.GetRequest().AsMap(), claim: claim}
	if last := claim.GetMetadata(); last != nil {
		task.LastReport = last.AsMap()
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	task.ctx, task.cancel = ctx, cancel
	task.lost = time.AfterFunc(time.Hour, func() { cancel(ErrLost) })
	task.trust(sent, claim.Lease.AsDuration())
	if claim.CancelRequested {
		cancel(ErrCancelled)
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.running[task] = struct{}{}
	return task
}

// work runs the handler, and tells the server how it ended.
func (w *Worker) work(task *Task) {
	defer func() {
		task.lost.Stop()
		task.cancel(nil)
		w.mutex.Lock()
		defer w.mutex.Unlock()
		delete(w.running, task)
	}()
	response, err := w.handle(task)
	if task.isLost() {
		return
	}
	task.mutex.Lock()
	last := task.unsent
	task.unsent = nil
	task.mutex.Unlock()
	if last != nil {
		w.renew(task, last)
	}
	w.deliver(task, outcomeOf(task, response, err))
}

// handle turns a panic into an error.
func (w *Worker) handle(task *Task) (response map[string]any, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = fmt.Errorf("panic: %v\n%s", thrown, debug.Stack())
		}
	}()
	return w.Handlers[task.claim.Method](task.ctx, task)
}

// outcomeOf answers what the server is told.
func outcomeOf(task *Task, response map[string]any, err error) proto.Message {
	attempt := task.claim.Attempt
	if err == nil {
		completion := &pb.Completion{Attempt: attempt}
		var fields *structpb.Struct
		if response != nil {
			if fields, err = structpb.NewStruct(response); err == nil {
				completion.ResponsePayload = &pb.Completion_Response{Response: fields}
			}
		}
		if size := proto.Size(completion); size > bytesMax {
			err = fmt.Errorf("the response has %d bytes; %d are the most", size, bytesMax)
		}
		if err == nil {
			return completion
		}
	}
	failed, why := (*Failed)(nil), context.Cause(task.ctx)
	switch {
	case errors.As(err, &failed):
		return failure(attempt, failed.Code, failed.Message, !failed.Retry, "")
	case why == ErrShutdown:
		return attempt
	case why == ErrCancelled:
		return failure(attempt, codes.Canceled, "The work was stopped.", true, "")
	default:
		return failure(attempt, codes.Internal, "The worker failed.", false, err.Error())
	}
}

func failure(attempt *pb.ClaimedAttempt, code codes.Code, message string, final bool, exception string) *pb.AttemptFailure {
	err := &status.Status{Code: int32(code), Message: message}
	return &pb.AttemptFailure{Attempt: attempt, Error: err, Final: final, Exception: exception}
}

// deliver sends an outcome until it is answered, or the lease is over. A repeated outcome does no harm.
func (w *Worker) deliver(task *Task, outcome proto.Message) {
	for failures := 1; ; failures++ {
		left := task.left()
		if left <= 0 {
			return
		}
		answer, err := w.send(outcome, min(left, answerTime))
		switch {
		case err != nil && isRefusal(err):
			log.Printf("%s: %v", task.Name, err)
			return
		case err != nil:
			time.Sleep(min(left, pause(failures)))
			continue
		case answer.Error == nil:
			return
		}
		log.Printf("%s, attempt %d: %s", task.Name, task.Attempt, answer.Error.Message)
		if _, ok := outcome.(*pb.Completion); !ok || codes.Code(answer.Error.Code) != codes.InvalidArgument {
			return
		}
		// The response does not fit the method. The attempt is still this worker's, and fails.
		message := "The worker's response does not fit the method."
		outcome = failure(task.claim.Attempt, codes.Internal, message, true, answer.Error.Message)
	}
}

func (w *Worker) send(outcome proto.Message, most time.Duration) (*pb.AttemptAnswer, error) {
	ctx, stop := context.WithTimeout(context.Background(), most)
	defer stop()
	var answers interface{ GetAnswers() []*pb.AttemptAnswer }
	var err error
	switch each := outcome.(type) {
	case *pb.Completion:
		answers, err = w.client.CompleteAttempts(ctx, &pb.CompleteAttemptsRequest{Completions: []*pb.Completion{each}})
	case *pb.AttemptFailure:
		answers, err = w.client.FailAttempts(ctx, &pb.FailAttemptsRequest{Failures: []*pb.AttemptFailure{each}})
	case *pb.ClaimedAttempt:
		answers, err = w.client.ReleaseAttempts(ctx, &pb.ReleaseAttemptsRequest{Attempts: []*pb.ClaimedAttempt{each}})
	}
	if err != nil {
		return nil, err
	}
	return answers.GetAnswers()[0], nil
}

// heartbeat renews leases and sends reports. It waits for no answer, so that a slow one holds up nobody else's lease.
func (w *Worker) heartbeat(ctx context.Context) {
	for ticks := time.Tick(beat); ctx.Err() == nil; <-ticks {
		for _, task := range w.tasks() {
			task.mutex.Lock()
			renewal := task.unsent
			if renewal == nil && time.Now().After(task.renewAt) {
				renewal = &pb.Renewal{Attempt: task.claim.Attempt}
			}
			if renewal != nil && !task.renewing && !task.isLost() {
				task.unsent, task.renewing = nil, true
				go func() {
					w.renew(task, renewal)
					task.mutex.Lock()
					defer task.mutex.Unlock()
					task.renewing = false
				}()
			}
			task.mutex.Unlock()
		}
	}
}

func (w *Worker) renew(task *Task, renewal *pb.Renewal) {
	sent := time.Now()
	ctx, stop := context.WithTimeout(context.Background(), min(answerTime, w.Lease/5))
	defer stop()
	answer, err := w.client.RenewAttempts(ctx, &pb.RenewAttemptsRequest{Lease: w.lease, Renewals: []*pb.Renewal{renewal}})
	if err != nil {
		// With the next beat, unless it is the report that was refused. The handler stops when the lease is over.
		if code := grpcstatus.Code(err); code == codes.Unavailable || code == codes.DeadlineExceeded {
			task.mutex.Lock()
			defer task.mutex.Unlock()
			if task.unsent == nil {
				task.unsent = renewal
			}
		}
		return
	}
	each := answer.Answers[0]
	if each.Error != nil {
		log.Printf("%s: %s", task.Name, each.Error.Message)
	}
	if !each.Held {
		task.cancel(ErrLost)
		return
	}
	task.trust(sent, each.Lease.AsDuration())
	if each.CancelRequested {
		task.cancel(ErrCancelled)
	}
}

func (w *Worker) tasks() []*Task {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	tasks := make([]*Task, 0, len(w.running))
	for task := range w.running {
		tasks = append(tasks, task)
	}
	return tasks
}

// isRefusal says whether the same call would be refused again. After any other error it is repeated.
func isRefusal(err error) bool {
	switch grpcstatus.Code(err) {
	case codes.InvalidArgument, codes.NotFound, codes.PermissionDenied, codes.Unauthenticated, codes.Unimplemented:
		return true
	default:
		return false
	}
}

func pause(failures int) time.Duration {
	most := min(10*time.Second, 200*time.Millisecond<<min(failures, 6))
	return most/2 + rand.N(most/2)
}
