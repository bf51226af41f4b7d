// Command redis checks Google's Go clients of Cloud Redis and of operations, over gRPC and REST. It
// prints a line of facts for each client and transport.
//
// Argument: URL
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"cloud.google.com/go/longrunning"
	autogen "cloud.google.com/go/longrunning/autogen"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	redis "cloud.google.com/go/redis/apiv1"
	"cloud.google.com/go/redis/apiv1/redispb"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

const (
	product   = "cloud.google.com/go/redis"
	library   = "cloud.google.com/go/longrunning"
	parent    = "projects/p/locations/l"
	tooLarge  = 500
	endless   = 200
	pollDelay = 50 * time.Millisecond
)

// facts are the results of one client over one transport: the calls that succeeded, and the form in
// which a program gets progress, errors and cancellation.
type facts struct {
	Client       string   `json:"client"`
	Version      string   `json:"version"`
	Transport    string   `json:"transport"`
	Calls        []string `json:"calls"`
	Progress     string   `json:"progress"`
	Errors       string   `json:"errors"`
	Cancellation string   `json:"cancellation"`
}

// story runs the checks of both clients over one transport.
type story struct {
	ctx        context.Context
	client     *redis.CloudRedisClient
	operations *autogen.OperationsClient
	// The facts about the product's client, and about the library's client.
	product, library facts
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	url := os.Args[1]
	options := []option.ClientOption{
		option.WithEndpoint(strings.TrimPrefix(url, "http://")),
		option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
	}
	client, err := redis.NewCloudRedisClient(ctx, options...)
	check(err)
	operations, err := autogen.NewOperationsClient(ctx, options...)
	check(err)
	overGRPC := newStory(ctx, client, operations, "gRPC")
	overGRPC.all("grpc", "MEMORY_EXHAUSTED")
	overGRPC.waits()
	overGRPC.print()

	options = []option.ClientOption{option.WithEndpoint(url), option.WithoutAuthentication()}
	client, err = redis.NewCloudRedisRESTClient(ctx, options...)
	check(err)
	operations, err = autogen.NewOperationsRESTClient(ctx, options...)
	check(err)
	overREST := newStory(ctx, client, operations, "REST")
	overREST.all("rest", "")
	overREST.print()
}

func newStory(ctx context.Context, client *redis.CloudRedisClient, operations *autogen.OperationsClient, transport string) *story {
	of := func(module string) facts {
		return facts{Client: module, Version: versionOf(module), Transport: transport}
	}
	return &story{ctx, client, operations, of(product), of(library)}
}

func (s *story) all(id, reason string) {
	name := s.creates(id)
	s.resumes(name, id)
	s.updates(id)
	s.fails(id, reason)
	s.cancels(id)
	s.deletes(id)
}

func (s *story) create(id string, size int32) *redis.CreateInstanceOperation {
	op, err := s.client.CreateInstance(s.ctx, &redispb.CreateInstanceRequest{
		Parent: parent, InstanceId: id,
		Instance: &redispb.Instance{Tier: redispb.Instance_BASIC, MemorySizeGb: size},
	})
	check(err)
	if !strings.HasPrefix(op.Name(), parent+"/operations/") {
		fail("operation %s", op.Name())
	}
	return op
}

// creates creates an instance, waits for it, and returns the name of the operation.
func (s *story) creates(id string) string {
	op := s.create(id, 1)
	made, err := op.Wait(s.ctx)
	check(err)
	if made.GetName() != parent+"/instances/"+id || made.GetMemorySizeGb() != 1 {
		fail("created %v", made)
	}
	metadata, err := op.Metadata()
	check(err)
	if metadata.GetVerb() != "create" || metadata.GetTarget() != made.GetName() || metadata.GetEndTime() == nil {
		fail("metadata %v", metadata)
	}
	s.product.did("start", "result")
	return op.Name()
}

// resumes continues with an operation that it knows only by its name, as in another process.
func (s *story) resumes(name, id string) {
	op := s.client.CreateInstanceOperation(name)
	made, err := op.Poll(s.ctx)
	check(err)
	if !op.Done() || made.GetName() != parent+"/instances/"+id {
		fail("resumed %v", made)
	}
	s.product.did("resume")
	raw, err := s.client.GetOperation(s.ctx, &longrunningpb.GetOperationRequest{Name: name})
	check(err)
	if !raw.GetDone() {
		fail("got %v", raw)
	}
	found := false
	operations := s.client.ListOperations(s.ctx, &longrunningpb.ListOperationsRequest{Name: parent, Filter: "done=true"})
	for each, err := operations.Next(); err != iterator.Done; each, err = operations.Next() {
		check(err)
		found = found || each.GetName() == name
	}
	if !found {
		fail("%s is not listed", name)
	}
	s.product.did("get", "list")
}

func (s *story) updates(id string) {
	name := parent + "/instances/" + id
	op, err := s.client.UpdateInstance(s.ctx, &redispb.UpdateInstanceRequest{
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"memory_size_gb", "labels"}},
		Instance:   &redispb.Instance{Name: name, MemorySizeGb: 3, Labels: map[string]string{"env": "prod"}},
	})
	check(err)
	updated, err := op.Wait(s.ctx)
	check(err)
	if updated.GetMemorySizeGb() != 3 || updated.GetTier() != redispb.Instance_BASIC || updated.GetLabels()["env"] != "prod" {
		fail("updated %v", updated)
	}
	s.product.did("update")
}

func (s *story) fails(id, reason string) {
	_, err := s.create(id+"-large", tooLarge).Wait(s.ctx)
	failed := refusal(err, codes.ResourceExhausted)
	// Over REST, an operation's error has only details whose types the protos declare (decision 0010).
	if failed.Reason() != reason {
		fail("failed with %v", failed)
	}
	_, err = s.client.GetInstance(s.ctx, &redispb.GetInstanceRequest{Name: parent + "/instances/none"})
	refused := refusal(err, codes.NotFound)
	if refused.Reason() != "INSTANCE_NOT_FOUND" {
		fail("refused with %v", refused)
	}
	s.product.Errors = "call: " + shown(refused) + "; operation: " + shown(failed)
}

func (s *story) cancels(id string) {
	started := s.create(id+"-endless", endless)
	detail := ""
	for detail == "" {
		pause(s.ctx)
		_, err := started.Poll(s.ctx)
		check(err)
		metadata, err := started.Metadata()
		check(err)
		detail = metadata.GetStatusDetail()
	}
	if detail != "allocating memory" || started.Done() {
		fail("status detail %q", detail)
	}
	s.product.Progress = "`Metadata().StatusDetail`"
	// The operation type of the product has no Cancel. The type of the library has.
	op := longrunning.InternalNewOperation(s.operations, &longrunningpb.Operation{Name: started.Name()})
	check(op.Cancel(s.ctx))
	_, err := started.Wait(s.ctx)
	s.product.Cancellation = fmt.Sprintf("`codes.%s` of `Wait`", refusal(err, codes.Canceled).GRPCStatus().Code())
	var untyped redispb.Instance
	s.library.Cancellation = fmt.Sprintf("`codes.%s` of `Wait`", refusal(op.Wait(s.ctx, &untyped), codes.Canceled).GRPCStatus().Code())
	check(op.Delete(s.ctx))
	_, err = s.operations.GetOperation(s.ctx, &longrunningpb.GetOperationRequest{Name: started.Name()})
	s.library.Errors = "call: " + shown(refusal(err, codes.NotFound))
	s.library.did("get", "cancel", "delete")
}

func (s *story) deletes(id string) {
	op, err := s.client.DeleteInstance(s.ctx, &redispb.DeleteInstanceRequest{Name: parent + "/instances/" + id})
	check(err)
	check(op.Wait(s.ctx))
}

// waits calls WaitOperation. Only gRPC has this RPC, because its proto declares no HTTP rule.
func (s *story) waits() {
	started := s.create("waited", 1)
	op, err := s.operations.WaitOperation(s.ctx, &longrunningpb.WaitOperationRequest{Name: started.Name()})
	check(err)
	if !op.GetDone() {
		fail("waited for %v", op)
	}
	s.library.did("wait")
}

func (f *facts) did(calls ...string) { f.Calls = append(f.Calls, calls...) }

func (s *story) print() {
	for _, each := range []facts{s.product, s.library} {
		check(json.NewEncoder(os.Stdout).Encode(each))
	}
}

// versionOf returns the version of a module in this build, without the v.
func versionOf(module string) string {
	build, _ := debug.ReadBuildInfo()
	for _, each := range build.Deps {
		if each.Path == module {
			return strings.TrimPrefix(each.Version, "v")
		}
	}
	return ""
}

// shown returns the code and the reason of an error, as Markdown.
func shown(err *apierror.APIError) string {
	if err.Reason() == "" {
		return fmt.Sprintf("`%s`", err.GRPCStatus().Code())
	}
	return fmt.Sprintf("`%s` `%s`", err.GRPCStatus().Code(), err.Reason())
}

// refusal returns err as an APIError, which must have the given code.
func refusal(err error, code codes.Code) *apierror.APIError {
	var refused *apierror.APIError
	if !errors.As(err, &refused) || refused.GRPCStatus().Code() != code {
		fail("expected %s, got %v", code, err)
	}
	return refused
}

func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
		check(ctx.Err())
	case <-time.After(pollDelay):
	}
}

func fail(text string, values ...any) { check(fmt.Errorf(text, values...)) }

// check ends the program if err is not nil.
func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
