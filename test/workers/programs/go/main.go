// Command steered runs handlers that carry out the orders of the witness, with the library in
// examples/workers/go.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"

	"longrunning.example/worker/worker"
)

type order struct {
	Do       string
	Metadata map[string]any
	Response map[string]any
	Ms       int
	Code     codes.Code // In JSON: the name of the code.
	Message  string
	Retry    bool
	Odd      bool
}

// follow reports to the witness and carries out its orders until one of them ends the handler.
func follow(ctx context.Context, attempt *worker.Attempt) (map[string]any, error) {
	event, said := "began", map[string]any{"request": attempt.Request, "lastReport": attempt.LastReport}
	for {
		said["event"], said["operation"], said["attempt"] = event, attempt.Name, attempt.Number
		next, err := ask(attempt.Request["url"].(string), said)
		if err != nil {
			return nil, err
		}
		switch next.Do {
		case "return":
			return next.Response, nil
		case "fail":
			return nil, &worker.Failed{Code: next.Code, Message: next.Message, Retry: next.Retry}
		case "throw":
			if next.Odd {
				panic(next)
			}
			return nil, errors.New(next.Message)
		case "stop":
			return nil, context.Cause(ctx)
		case "report":
			if err := attempt.Report(next.Metadata); err != nil {
				return nil, err
			}
		case "wait":
			<-ctx.Done()
		case "compute":
			for until := time.Now().Add(time.Duration(next.Ms) * time.Millisecond); time.Now().Before(until); {
			}
		}
		if event = "done"; ctx.Err() != nil {
			event = "stopped"
		}
	}
}

// ask posts a message to the witness, and returns its order.
func ask(url string, said map[string]any) (next order, err error) {
	text, err := json.Marshal(said)
	if err != nil {
		return next, err
	}
	answer, err := http.Post(url, "application/json", bytes.NewReader(text))
	if err != nil {
		return next, err
	}
	defer answer.Body.Close()
	return next, json.NewDecoder(answer.Body).Decode(&next)
}

func main() {
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	slots, _ := strconv.Atoi(os.Args[2])
	drain, _ := strconv.Atoi(os.Args[3])
	lease, _ := strconv.Atoi(os.Args[4])
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	steered := &worker.Worker{
		Connection: connection, Slots: slots, Drain: time.Duration(drain) * time.Second, Lease: time.Duration(lease) * time.Second,
		Handlers: map[string]worker.Handler{"steered": follow, "silent": follow},
	}
	if err := steered.Run(ctx); err != nil {
		log.Fatal(err)
	}
}
