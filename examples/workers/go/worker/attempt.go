package worker

import (
	"context"
	"errors"
	"fmt"
	"log"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"

	pb "longrunning.example/worker/gen/workers"
)

const (
	beat     = 500 * time.Millisecond // Reports are sent this often at most, and a renewal that failed is repeated this soon.
	bytesMax = 3 << 20                // Larger payloads are not sent. The server takes 1 MiB of JSON.
)

// Why the context of a handler is done (context.Cause).
var (
	errCancelled = errors.New("somebody asked to cancel the operation")
	errLost      = errors.New("the lease is lost: another attempt may be running")
	errShutdown  = errors.New("the worker stops: another attempt follows")
)

// Failed is an error that callers see. It ends the operation, unless Retry is set. After any other error of a handler
// another attempt follows, and only operators see its text.
type Failed struct {
	Code    codes.Code
	Message string
	Retry   bool
}

func (f *Failed) Error() string { return f.Message }

// Attempt is what a handler is given.
type Attempt struct {
	Name       string
	Number     int32
	Request    map[string]any
	LastReport map[string]any // What an attempt before this one reported last; nil for nothing.

	client  pb.WorkersClient
	proof   *pb.ClaimedAttempt
	lease   time.Duration
	ctx     context.Context
	cancel  context.CancelCauseFunc
	report  atomic.Pointer[pb.Renewal] // The newest report, if it was not sent.
	lost    *time.Timer
	renewAt time.Time
	until   time.Time
}

func newAttempt(ctx context.Context, client pb.WorkersClient, claim *pb.Claim, sent time.Time, lease time.Duration) *Attempt {
	a := &Attempt{
		Name: claim.Attempt.Name, Number: claim.Attempt.Attempt, Request: claim.GetRequest().AsMap(),
		client: client, proof: claim.Attempt, lease: lease,
	}
	if last := claim.GetMetadata(); last != nil {
		a.LastReport = last.AsMap()
	}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	a.lost = time.AfterFunc(lease, func() { a.cancel(errLost) })
	a.trust(sent, claim)
	return a
}

// Report tells how far the work is. Of several reports within half a second the last is sent.
func (a *Attempt) Report(progress map[string]any) error {
	fields, err := payload(progress)
	if err == nil {
		a.report.Store(&pb.Renewal{Attempt: a.proof, MetadataPayload: &pb.Renewal_Metadata{Metadata: fields}})
	}
	return err
}

// run runs the handler, renews the lease meanwhile, and tells the server how it ended. It gives the attempt back where
// nobody waits for the handler any more.
func (a *Attempt) run(waiting context.Context, handler Handler) {
	ended, end := context.WithCancel(waiting)
	outcome := make(chan proto.Message, 1)
	go func() {
		defer end()
		outcome <- a.outcome(handler)
	}()
	a.keep(ended)
	select {
	case message := <-outcome:
		a.deliver(message)
	default:
		a.deliver(a.proof)
	}
	a.lost.Stop()
	a.cancel(nil)
}

// outcome runs the handler, and answers what the server is to be told.
func (a *Attempt) outcome(handler Handler) (told proto.Message) {
	defer func() {
		if thrown := recover(); thrown != nil {
			told = a.failure(codes.Internal, "The worker failed.", false, fmt.Sprintf("panic: %v\n%s", thrown, debug.Stack()))
		}
	}()
	response, err := handler(a.ctx, a)
	completion := &pb.Completion{Attempt: a.proof}
	if err == nil && response != nil {
		fields, failed := payload(response)
		completion.ResponsePayload, err = &pb.Completion_Response{Response: fields}, failed
	}
	var failed *Failed
	switch cause := context.Cause(a.ctx); {
	case err == nil:
		return completion
	case errors.As(err, &failed):
		return a.failure(failed.Code, failed.Message, !failed.Retry, "")
	case cause == errShutdown:
		return a.proof
	case cause == errCancelled:
		return a.failure(codes.Canceled, "The work was stopped.", true, "")
	default:
		return a.failure(codes.Internal, "The worker failed.", false, err.Error())
	}
}

func (a *Attempt) failure(code codes.Code, message string, final bool, exception string) *pb.AttemptFailure {
	text := func(text string, most int) string { return strings.ToValidUTF8(text[:min(len(text), most)], "?") }
	err := &spb.Status{Code: int32(code), Message: text(message, 10_000)}
	return &pb.AttemptFailure{Attempt: a.proof, Error: err, Final: final, Exception: text(exception, 16_384)}
}

// trust keeps a lease, which counts from when the call was sent. It ends earlier here, since stopping takes a while.
func (a *Attempt) trust(sent time.Time, granted interface {
	GetLease() *durationpb.Duration
	GetCancelRequested() bool
}) {
	lease := granted.GetLease().AsDuration()
	a.renewAt, a.until = time.Now().Add(time.Until(sent.Add(lease))/3), sent.Add(lease-min(3*time.Second, lease/10))
	a.lost.Reset(time.Until(a.until))
	if granted.GetCancelRequested() {
		a.cancel(errCancelled)
	}
}

// keep renews the lease and sends reports, until the end.
func (a *Attempt) keep(end context.Context) {
	for ; end.Err() == nil; wait(end, beat) {
		if now := time.Now(); now.Before(a.until) && (a.report.Load() != nil || now.After(a.renewAt)) {
			a.renew()
		}
	}
}

func (a *Attempt) renew() {
	sent, report := time.Now(), a.report.Load()
	renewal := report
	if renewal == nil {
		renewal = &pb.Renewal{Attempt: a.proof}
	}
	ctx, cancel := context.WithTimeout(context.Background(), min(callTime, a.lease/5))
	defer cancel()
	request := &pb.RenewAttemptsRequest{Lease: durationpb.New(a.lease), Renewals: []*pb.Renewal{renewal}}
	answers, err := a.client.RenewAttempts(ctx, request)
	answer, err := entry(answers.GetAnswers(), err)
	if isRepeated(err) {
		return
	}
	a.report.CompareAndSwap(report, nil) // Also one that is refused: the next renewal goes without it.
	if answer.GetHeld() {
		a.trust(sent, answer)
	} else if status.Code(err) != codes.InvalidArgument {
		a.until = time.Time{}
		a.cancel(errLost)
	}
}

// deliver sends the outcome until it is answered, or the lease is over. A repeated outcome does no harm.
func (a *Attempt) deliver(outcome proto.Message) {
	for pause := pauseFirst; time.Now().Before(a.until); pause = min(2*pause, pauseMax) {
		if a.report.Load() != nil {
			a.renew()
		}
		err := a.send(outcome)
		_, completes := outcome.(*pb.Completion)
		switch {
		case err == nil:
			return
		case completes && status.Code(err) == codes.InvalidArgument:
			// The response does not fit the method. The attempt is still this worker's.
			outcome = a.failure(codes.Internal, "The worker's response is wrong.", true, err.Error())
		case isRepeated(err):
			paused, cancel := context.WithTimeout(context.Background(), pause)
			a.keep(paused)
			cancel()
		default:
			return
		}
	}
}

func (a *Attempt) send(outcome proto.Message) error {
	ctx, cancel := context.WithTimeout(context.Background(), min(callTime, a.lease/5))
	defer cancel()
	var answers interface{ GetAnswers() []*pb.AttemptAnswer }
	var err error
	switch each := outcome.(type) {
	case *pb.Completion:
		answers, err = a.client.CompleteAttempts(ctx, &pb.CompleteAttemptsRequest{Completions: []*pb.Completion{each}})
	case *pb.AttemptFailure:
		answers, err = a.client.FailAttempts(ctx, &pb.FailAttemptsRequest{Failures: []*pb.AttemptFailure{each}})
	case *pb.ClaimedAttempt:
		answers, err = a.client.ReleaseAttempts(ctx, &pb.ReleaseAttemptsRequest{Attempts: []*pb.ClaimedAttempt{each}})
	}
	_, err = entry(answers.GetAnswers(), err)
	return err
}

// entry answers with the only entry of an answer, and with its error or that of the call.
func entry[T interface{ GetError() *spb.Status }](entries []T, err error) (only T, _ error) {
	if err == nil {
		only = entries[0]
		err = status.ErrorProto(only.GetError())
	}
	if err != nil {
		log.Print(err)
	}
	return only, err
}

// isRepeated says whether a call may end otherwise next time. All other errors are refusals.
func isRepeated(err error) bool {
	switch status.Code(err) {
	case codes.Canceled, codes.Unknown, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Internal, codes.Unavailable:
		return true
	default:
		return false
	}
}

func payload(fields map[string]any) (*structpb.Struct, error) {
	made, err := structpb.NewStruct(fields)
	if err == nil && proto.Size(made) > bytesMax {
		err = fmt.Errorf("the payload has %d bytes; %d are the most", proto.Size(made), bytesMax)
	}
	return made, err
}
