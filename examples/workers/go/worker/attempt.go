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
	beat     = 500 * time.Millisecond // Shortest time between reports, and before a retry of a renewal.
	bytesMax = 3 << 20                // Largest payload to send. The server accepts 1 MiB of JSON.
)

// The causes of the end of a handler's context, as context.Cause returns them.
var (
	errCancelled = errors.New("cancellation of the operation was requested")
	errLost      = errors.New("the lease is lost: another attempt may be running")
	errShutdown  = errors.New("the worker is stopping: another attempt follows")
)

// Failed is an error that callers see. It ends the operation. With Retry, another attempt follows
// if the method allows one. Any other error of a handler ends only the attempt, and only operators
// see its text.
type Failed struct {
	Code    codes.Code
	Message string
	Retry   bool
}

func (f *Failed) Error() string { return f.Message }

// Attempt is the argument of a handler: the request, and the means to report progress.
type Attempt struct {
	Name       string
	Number     int32
	Request    map[string]any
	LastReport map[string]any // The last report of an earlier attempt; nil if there is none.

	client  pb.WorkersClient
	proof   *pb.ClaimedAttempt
	lease   time.Duration
	ctx     context.Context
	cancel  context.CancelCauseFunc
	report  atomic.Pointer[pb.Renewal] // The newest report that was not sent yet, or nil.
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

// Report reports progress. Of several reports within half a second, only the last is sent.
func (a *Attempt) Report(progress map[string]any) error {
	fields, err := payload(progress)
	if err == nil {
		a.report.Store(&pb.Renewal{Attempt: a.proof, MetadataPayload: &pb.Renewal_Metadata{Metadata: fields}})
	}
	return err
}

// run runs the handler, renews the lease, and sends the outcome to the server. If the context
// waiting is done before the handler ends, run releases the attempt.
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

// outcome runs the handler, and returns the message to send to the server.
func (a *Attempt) outcome(handler Handler) (result proto.Message) {
	defer func() {
		if thrown := recover(); thrown != nil {
			result = a.failure(codes.Internal, "The worker failed.", false, fmt.Sprintf("panic: %v\n%s", thrown, debug.Stack()))
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

// trust adopts the lease that an answer grants. A lease begins when its call is sent. The worker
// ends it earlier than the server does, because a handler takes time to stop.
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

// keep renews the lease and sends reports until end is done.
func (a *Attempt) keep(end context.Context) {
	for ; end.Err() == nil; wait(end, beat) {
		if now := time.Now(); now.Before(a.until) && (a.report.Load() != nil || now.After(a.renewAt)) {
			a.renew()
		}
	}
}

// renew sends a renewal, with the newest report if there is one.
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
	// Do not send the report again, even if the server refused it.
	a.report.CompareAndSwap(report, nil)
	if answer.GetHeld() {
		a.trust(sent, answer)
	} else if status.Code(err) != codes.InvalidArgument {
		a.until = time.Time{}
		a.cancel(errLost)
	}
}

// deliver sends the outcome until the server answers or the lease ends. Repeating an outcome is
// safe.
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
			// The response is invalid or too large. The worker still holds the attempt.
			outcome = a.failure(codes.Internal, "The server refused the worker's response as invalid.", true, err.Error())
		case isRepeated(err):
			paused, cancel := context.WithTimeout(context.Background(), pause)
			a.keep(paused)
			cancel()
		default:
			return
		}
	}
}

// send sends the outcome once.
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

// entry returns the only entry of an answer, and the error of the entry or of the call.
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

// isRepeated reports whether a call that failed with err is repeated. Other errors are refusals.
func isRepeated(err error) bool {
	switch status.Code(err) {
	case codes.Canceled, codes.Unknown, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Internal, codes.Unavailable:
		return true
	default:
		return false
	}
}

// payload converts fields to a Struct. It returns an error if the Struct is larger than bytesMax.
func payload(fields map[string]any) (*structpb.Struct, error) {
	made, err := structpb.NewStruct(fields)
	if err == nil && proto.Size(made) > bytesMax {
		err = fmt.Errorf("the payload has %d bytes; the limit is %d", proto.Size(made), bytesMax)
	}
	return made, err
}
