import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.longrunning.OperationFuture;
import com.google.api.gax.longrunning.OperationTimedPollAlgorithm;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.OperationCallSettings;
import com.google.api.gax.rpc.StatusCode;
import com.google.cloud.redis.v1.CloudRedisClient;
import com.google.cloud.redis.v1.CloudRedisSettings;
import com.google.cloud.redis.v1.Instance;
import com.google.cloud.redis.v1.LocationName;
import com.google.cloud.redis.v1.OperationMetadata;
import com.google.gson.Gson;
import com.google.longrunning.Operation;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.FieldMask;
import io.grpc.ManagedChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/**
 * Checks Google's Java client of Cloud Redis and the operations clients of gax, over gRPC and REST.
 * Prints a line of facts for each client and transport. Argument: URL.
 */
public class CloudRedis {
  static final LocationName PARENT = LocationName.of("p", "l");
  static final int TOO_LARGE = 500;
  static final int ENDLESS = 200;

  /** Facts about one client over one transport: the calls that succeeded, and its results. */
  static class Facts {
    final String client;
    final String version;
    final String transport;
    final List<String> calls = new ArrayList<>();
    String progress = "";
    String errors = "";
    String cancellation = "";

    Facts(String client, Class<?> of, String transport) {
      this.client = client;
      this.transport = transport;
      // The file name of the jar ends with the version.
      var jar = Path.of(of.getProtectionDomain().getCodeSource().getLocation().getPath()).getFileName().toString();
      version = jar.replaceAll("^[a-z-]*-|\\.jar$", "");
    }

    void did(String... names) {
      calls.addAll(List.of(names));
    }

    void print() {
      System.out.println(new Gson().toJson(this));
    }
  }

  /** The calls of an operations client. The classes for gRPC and REST have no common interface. */
  record Operations(
      Function<String, Operation> get,
      Function<String, Iterable<Operation>> list,
      Consumer<String> cancel,
      Consumer<String> delete) {}

  public static void main(String[] words) throws Exception {
    var url = words[0];
    try (var client = CloudRedisClient.create(overGrpc(url))) {
      var operations = client.getOperationsClient();
      var library = new Facts("com.google.api:gax-grpc", operations.getClass(), "gRPC");
      var name = product(client, new Facts("google-cloud-redis (Java)", CloudRedisClient.class, "gRPC"));
      var waited = operations.waitOperationCallable().call(WaitOperationRequest.newBuilder().setName(name).build());
      check(waited.getDone(), waited);
      library.did("wait");
      library(
          new Operations(
              operations::getOperation,
              filter -> operations.listOperations(PARENT.toString(), filter).iterateAll(),
              operations::cancelOperation,
              operations::deleteOperation),
          name,
          library);
    }
    try (var client = CloudRedisClient.create(overRest(url))) {
      var operations = client.getHttpJsonOperationsClient();
      var name = product(client, new Facts("google-cloud-redis (Java)", CloudRedisClient.class, "REST"));
      library(
          new Operations(
              operations::getOperation,
              filter -> operations.listOperations(PARENT.toString(), filter).iterateAll(),
              operations::cancelOperation,
              operations::deleteOperation),
          name,
          new Facts("com.google.api:gax-httpjson", operations.getClass(), "REST"));
    }
  }

  static CloudRedisSettings overGrpc(String url) throws Exception {
    var settings = CloudRedisSettings.newBuilder().setCredentialsProvider(NoCredentialsProvider.create());
    settings.setTransportChannelProvider(
        InstantiatingGrpcChannelProvider.newBuilder()
            .setEndpoint(url.replace("http://", ""))
            .setChannelConfigurator(ManagedChannelBuilder::usePlaintext)
            .build());
    return polling(settings);
  }

  static CloudRedisSettings overRest(String url) throws Exception {
    var settings = CloudRedisSettings.newHttpJsonBuilder().setCredentialsProvider(NoCredentialsProvider.create());
    settings.setTransportChannelProvider(
        CloudRedisSettings.defaultHttpJsonTransportProviderBuilder().setEndpoint(url).build());
    return polling(settings);
  }

  /** Shortens the polling delays. By default, the client first polls after a minute. */
  static CloudRedisSettings polling(CloudRedisSettings.Builder settings) throws Exception {
    for (OperationCallSettings.Builder<?, ?, ?> each :
        List.<OperationCallSettings.Builder<?, ?, ?>>of(
            settings.createInstanceOperationSettings(),
            settings.updateInstanceOperationSettings(),
            settings.deleteInstanceOperationSettings())) {
      each.setPollingAlgorithm(
          OperationTimedPollAlgorithm.create(
              RetrySettings.newBuilder()
                  .setInitialRetryDelayDuration(Duration.ofMillis(50))
                  .setMaxRetryDelayDuration(Duration.ofMillis(200))
                  .setRetryDelayMultiplier(1.5)
                  .setTotalTimeoutDuration(Duration.ofSeconds(30))
                  .build()));
    }
    return settings.build();
  }

  /** Checks the client of the product. Returns the name of an operation. */
  static String product(CloudRedisClient client, Facts facts) throws Exception {
    var id = facts.transport.toLowerCase();
    var target = PARENT + "/instances/" + id;
    var started = create(client, id, 1);
    var made = started.get();
    check(made.getName().equals(target) && made.getMemorySizeGb() == 1, made);
    var metadata = started.getMetadata().get();
    check(metadata.getVerb().equals("create") && metadata.getTarget().equals(target), metadata);
    var name = started.getName();
    check(client.createInstanceOperationCallable().resumeFutureCall(name).get().equals(made), name);
    facts.did("start", "result", "resume");
    var mask = FieldMask.newBuilder().addPaths("memory_size_gb").addPaths("labels");
    var change = Instance.newBuilder().setName(target).setMemorySizeGb(3).putLabels("env", "prod");
    var updated = client.updateInstanceAsync(mask.build(), change.build()).get();
    check(updated.getMemorySizeGb() == 3 && updated.getTier() == Instance.Tier.BASIC, updated);
    facts.did("update");
    facts.errors =
        "call: %s; operation: %s"
            .formatted(
                shown(refusal(() -> client.getInstance(target + "-none"), StatusCode.Code.NOT_FOUND)),
                shown(refusal(() -> create(client, "large", TOO_LARGE).get(), StatusCode.Code.RESOURCE_EXHAUSTED)));
    cancels(client, id + "-endless", facts);
    client.deleteInstanceAsync(target).get();
    facts.print();
    return name;
  }

  static void cancels(CloudRedisClient client, String id, Facts facts) throws Exception {
    var endless = create(client, id, ENDLESS);
    var name = endless.getName();
    // peekMetadata() returns null before the first poll.
    var detail = "";
    while (detail.isEmpty()) {
      Thread.sleep(20);
      var polled = endless.peekMetadata();
      if (polled != null) detail = polled.get().getStatusDetail();
    }
    check(detail.equals("allocating memory") && !endless.isDone(), detail);
    facts.progress = "`peekMetadata().getStatusDetail()`";
    // Over REST, the product's callable cannot cancel, so the operations client cancels.
    if (facts.transport.equals("REST")) client.getHttpJsonOperationsClient().cancelOperation(name);
    else client.createInstanceOperationCallable().cancel(name);
    var error = refusal(endless::get, StatusCode.Code.CANCELLED);
    facts.cancellation = shown(error) + " of `get()`";
    facts.did("cancel");
  }

  /** Checks an operations client. */
  static void library(Operations operations, String name, Facts facts) throws Exception {
    check(operations.get().apply(name).getDone(), name);
    facts.did("get");
    var listed = StreamSupport.stream(operations.list().apply("done=true").spliterator(), false);
    check(listed.anyMatch(each -> each.getName().equals(name)), name);
    facts.did("list");
    operations.cancel().accept(name);
    operations.delete().accept(name);
    var gone = refusal(() -> operations.get().apply(name), StatusCode.Code.NOT_FOUND);
    facts.errors = "call: " + shown(gone);
    facts.did("cancel", "delete");
    facts.print();
  }

  static OperationFuture<Instance, OperationMetadata> create(CloudRedisClient client, String id, int size) {
    var instance = Instance.newBuilder().setTier(Instance.Tier.BASIC).setMemorySizeGb(size).build();
    return client.createInstanceAsync(PARENT, id, instance);
  }

  interface Call {
    Object get() throws Exception;
  }

  /** Returns the error with which a call fails. A future wraps it in an ExecutionException. */
  static ApiException refusal(Call call, StatusCode.Code code) throws Exception {
    Object answer;
    try {
      answer = call.get();
    } catch (ExecutionException | ApiException error) {
      var refused = error instanceof ApiException thrown ? thrown : (ApiException) error.getCause();
      check(refused.getStatusCode().getCode() == code, refused);
      return refused;
    }
    throw new AssertionError("Expected an error, got: " + answer);
  }

  static String shown(ApiException error) {
    var reason = error.getReason();
    return "`" + error.getClass().getSimpleName() + "`" + (reason == null ? "" : " `" + reason + "`");
  }

  static void check(boolean condition, Object found) {
    if (!condition) throw new AssertionError(found);
  }
}
