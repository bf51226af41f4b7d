// Command credentials checks Google's Go client of operations with a token, an API key and a client
// certificate.
//
// Arguments: URL ROOT TOKEN EXPIRED_TOKEN KEY EXPIRED_KEY CERT CERT_KEY
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	longrunning "cloud.google.com/go/longrunning/autogen"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/googleapis/gax-go/v2/apierror"
	"golang.org/x/oauth2"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/oauth"
	"google.golang.org/grpc/metadata"
)

func main() {
	address, err := url.Parse(os.Args[1])
	check(err)
	root, err := os.ReadFile(os.Args[2])
	check(err)
	token, expired, key, expiredKey := os.Args[3], os.Args[4], os.Args[5], os.Args[6]
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	at := "localhost:" + address.Port()

	// Without explicit credentials, the package looks for a metadata server.
	rest := func(options ...option.ClientOption) *longrunning.OperationsClient {
		client, err := longrunning.NewOperationsRESTClient(context.Background(),
			append(options, option.WithEndpoint("https://"+at))...)
		check(err)
		return client
	}
	http.DefaultTransport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
	expect(rest(option.WithTokenSource(source(token))), "")
	expect(rest(option.WithTokenSource(source(expired))), "ACCESS_TOKEN_EXPIRED")
	expect(rest(option.WithAPIKey(key)), "")
	expect(rest(option.WithAPIKey(expiredKey)), "API_KEY_INVALID")

	secure := func(config *tls.Config, options ...grpc.DialOption) *longrunning.OperationsClient {
		config.RootCAs = roots
		options = append(options, grpc.WithTransportCredentials(credentials.NewTLS(config)))
		connection, err := grpc.NewClient(at, options...)
		check(err)
		client, err := longrunning.NewOperationsClient(context.Background(), option.WithGRPCConn(connection))
		check(err)
		return client
	}
	bearer := func(token string) grpc.DialOption {
		return grpc.WithPerRPCCredentials(oauth.TokenSource{TokenSource: source(token)})
	}
	expect(secure(&tls.Config{}, bearer(token)), "")
	expect(secure(&tls.Config{}, bearer(expired)), "ACCESS_TOKEN_EXPIRED")
	expect(secure(&tls.Config{}), "CREDENTIALS_MISSING")
	expectIn(metadata.AppendToOutgoingContext(context.Background(), "x-goog-api-key", key), secure(&tls.Config{}), "")

	pair, err := tls.LoadX509KeyPair(os.Args[7], os.Args[8])
	check(err)
	expect(secure(&tls.Config{Certificates: []tls.Certificate{pair}}), "")
}

func source(token string) oauth2.TokenSource {
	return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})
}

// expect lists operations. The call must fail with the reason, or succeed if the reason is empty.
func expect(client *longrunning.OperationsClient, reason string) {
	expectIn(context.Background(), client, reason)
}

// expectIn is expect with a context.
func expectIn(ctx context.Context, client *longrunning.OperationsClient, reason string) {
	_, err := client.ListOperations(ctx, &longrunningpb.ListOperationsRequest{Name: "operations"}).Next()
	if reason == "" {
		if !errors.Is(err, iterator.Done) {
			check(fmt.Errorf("expected an empty list, got %w", err))
		}
		return
	}
	var refused *apierror.APIError
	if !errors.As(err, &refused) || refused.Reason() != reason || refused.Domain() != "lro.example.com" {
		check(fmt.Errorf("expected %s, got %w", reason, err))
	}
}

// check ends the program if err is not nil.
func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
