import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import longrunning.v1.WorkersGrpc;
import longrunning.v1.WorkersOuterClass.RenewAttemptsRequest;
import worker.Attempt;
import worker.Worker;

/**
 * Runs handlers that carry out the orders of the witness, with the library in
 * examples/workers/java.
 */
public class Steered {
  /** Reports to the witness and carries out its orders until one of them ends the handler. */
  static Object follow(Attempt attempt) throws Exception {
    var request = attempt.request(Map.class);
    var said = new HashMap<String, Object>(Map.of("operation", attempt.name(), "attempt", attempt.number()));
    said.putAll(Map.of("event", "began", "request", request));
    said.put("lastReport", attempt.lastReport(Map.class));
    while (true) {
      var order = ask((String) request.get("url"), said);
      said.put("event", "done");
      try {
        switch ((String) order.get("do")) {
          case "return" -> {
            return order.get("response");
          }
          case "fail" -> {
            var code = Status.Code.valueOf((String) order.get("code"));
            throw new Attempt.Failed(code, (String) order.get("message"), (Boolean) order.get("retry"));
          }
          case "throw" -> {
            if (Boolean.TRUE.equals(order.get("odd"))) throw new Error();
            throw new IllegalStateException((String) order.get("message"));
          }
          case "stop" -> attempt.check();
          case "report" -> attempt.report(order.get("metadata"));
          case "wait" -> Thread.sleep(Long.MAX_VALUE);
          case "compute" -> compute(((Double) order.get("ms")).longValue());
        }
        attempt.check();
      } catch (InterruptedException stopped) {
        if (order.get("do").equals("stop")) throw stopped;
        said.put("event", "stopped");
      }
    }
  }

  static void compute(long ms) {
    for (var began = System.nanoTime(); System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(ms); ) {}
  }

  /** Posts a message to the witness, and returns its order. An interrupt does not disturb it. */
  static Map<?, ?> ask(String url, Map<String, Object> said) throws Exception {
    var gson = new GsonBuilder().serializeNulls().create();
    var connection = (HttpURLConnection) new URL(url).openConnection();
    connection.setRequestProperty("Connection", "close");
    connection.setDoOutput(true);
    connection.getOutputStream().write(gson.toJson(said).getBytes(StandardCharsets.UTF_8));
    try (var answer = new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8)) {
      return gson.fromJson(answer, Map.class);
    }
  }

  /**
   * Loads most classes, with a call that has no effect. A cold JVM on a busy machine takes seconds
   * for this, more than the short leases of the cases allow.
   */
  static void warmUp(ManagedChannel channel) throws Exception {
    var struct = Struct.newBuilder();
    JsonFormat.parser().merge(new Gson().toJson(Map.of("numbers", List.of(1, 2))), struct);
    new Gson().fromJson(JsonFormat.printer().print(struct), Map.class);
    try {
      WorkersGrpc.newBlockingStub(channel).renewAttempts(RenewAttemptsRequest.getDefaultInstance());
    } catch (StatusRuntimeException refused) {
      // The call renews nothing.
    }
  }

  /** With only an address, the program ends after the warm-up. */
  public static void main(String[] words) throws Exception {
    var channel = Grpc.newChannelBuilder(words[0], InsecureChannelCredentials.create()).build();
    warmUp(channel);
    if (words.length == 1) return;
    Map<String, Worker.Handler> handlers = Map.of("steered", Steered::follow, "silent", Steered::follow);
    int slots = Integer.parseInt(words[1]), drainS = Integer.parseInt(words[2]), leaseS = Integer.parseInt(words[3]);
    new Worker(channel, handlers, slots, drainS, leaseS).runAndExit();
  }
}
