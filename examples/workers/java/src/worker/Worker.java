package worker;

import com.google.protobuf.Duration;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import longrunning.v1.WorkersGrpc;
import longrunning.v1.WorkersGrpc.WorkersBlockingStub;
import longrunning.v1.WorkersOuterClass.Claim;
import longrunning.v1.WorkersOuterClass.ClaimOperationsRequest;

/**
 * Claims operations of longrunning over gRPC, and runs their handlers, at most `slots` at the same
 * time. It follows the rules of docs/workers.md.
 */
public final class Worker {
  static final System.Logger LOG = System.getLogger("worker");
  /** The time limit of a call. If a fifth of the lease is shorter, that is the limit. */
  static final int CALL_S = 5;
  /** How long a claim waits for work. */
  private static final int CLAIM_S = 30;
  /** How long handlers may take to stop. After that, their attempts are released. */
  private static final int STOP_S = 3;
  /** The pause before a call is repeated. It doubles each time. */
  static final long PAUSE_MIN_MS = 400;
  static final long PAUSE_MAX_MS = 10_000;

  /** Does the work of a method. */
  public interface Handler {
    /**
     * Returns the response: a record, a map or another object that Gson converts to a JSON object,
     * or null for an empty response. Throws {@link Attempt.Failed} to report an error that callers
     * see. Any other exception ends only the attempt: another attempt follows if the method allows
     * one, and only operators see the exception. The thread is interrupted when the result is no
     * longer needed.
     */
    Object run(Attempt attempt) throws Exception;
  }

  private final ManagedChannel channel;
  private final WorkersBlockingStub stub;
  private final Map<String, Handler> handlers;
  private final int slots;
  private final int drainS;
  private final Duration lease;
  private final Semaphore free;
  private final Set<Attempt> running = ConcurrentHashMap.newKeySet();
  private final FutureTask<Void> claiming = new FutureTask<>(this::claim);

  /**
   * @param handlers the handler of each method, by the method's name
   * @param slots handlers that run at the same time, 1 to 1000
   * @param drainS how long running handlers may take to end when the worker stops, in seconds
   * @param leaseS the length of a lease in seconds, 5 to 600
   */
  public Worker(ManagedChannel channel, Map<String, Handler> handlers, int slots, int drainS, int leaseS) {
    this.channel = channel;
    this.stub = WorkersGrpc.newBlockingStub(channel);
    this.handlers = handlers;
    this.slots = slots;
    this.drainS = drainS;
    this.lease = Duration.newBuilder().setSeconds(leaseS).build();
    this.free = new Semaphore(slots);
  }

  /**
   * Works until SIGTERM or SIGINT, and ends the process. Its exit code is 0, or 1 if the server
   * refused a claim.
   */
  public void runAndExit() {
    // A JVM that a signal ends waits for its hooks, and its exit code is that of a failure. This
    // hook never returns: `halt` ends the JVM with the right code.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      stop();
      new Semaphore(0).acquireUninterruptibly();
    }));
    var code = 1;
    try {
      run();
      code = 0;
    } catch (Throwable refused) {
      LOG.log(Level.ERROR, "The worker ends.", refused);
    } finally {
      Runtime.getRuntime().halt(code);
    }
  }

  /** Stops claiming, also a claim that waits. {@link #run} returns after handlers have ended. */
  public void stop() {
    claiming.cancel(true);
  }

  /**
   * Works until {@link #stop} is called or the server refuses a claim. Before it returns, it lets
   * handlers end for the time `drainS`, then stops them, and releases the attempts whose handlers
   * still run.
   *
   * @throws StatusRuntimeException if the server refused a claim
   */
  public void run() throws InterruptedException {
    new Thread(claiming, "claims").start();
    try {
      claiming.get();
    } catch (CancellationException stopped) {
      // The worker was told to stop.
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof StatusRuntimeException refused) throw refused;
      throw new IllegalStateException(failed.getCause());
    } finally {
      stop();
      // All slots are free when no handler runs.
      if (!free.tryAcquire(slots, drainS, TimeUnit.SECONDS)) {
        running.forEach(attempt -> attempt.stop(Attempt.Reason.SHUTDOWN));
        if (!free.tryAcquire(slots, STOP_S, TimeUnit.SECONDS)) {
          running.forEach(Attempt::giveBack);
          free.tryAcquire(slots, 2 * CALL_S, TimeUnit.SECONDS);
        }
      }
    }
  }

  /** Claims operations until its thread is interrupted, as many as there are free slots. */
  private Void claim() throws InterruptedException {
    var request = ClaimOperationsRequest.newBuilder().addAllMethods(handlers.keySet()).setLease(lease);
    request.setWorker(hostName() + "/" + ProcessHandle.current().pid()).getTimeoutBuilder().setSeconds(CLAIM_S);
    while (true) {
      free.acquire();
      var unused = 1 + free.drainPermits();
      try {
        request.setLimit(unused).setRequestId(UUID.randomUUID().toString());
        unused -= claim(request.build());
      } finally {
        free.release(unused);
      }
    }
  }

  /** Repeats a claim until it is answered, begins its attempts, and returns their number. */
  private int claim(ClaimOperationsRequest request) throws InterruptedException {
    for (var pauseMs = PAUSE_MIN_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS)) {
      var sent = System.nanoTime();
      try {
        var answer = stub.withDeadlineAfter(CLAIM_S + CALL_S, TimeUnit.SECONDS).claimOperations(request);
        for (var claim : answer.getClaimsList()) begin(claim, sent, pauseMs > PAUSE_MIN_MS);
        return answer.getClaimsCount();
      } catch (StatusRuntimeException failed) {
        if (Thread.interrupted()) throw new InterruptedException();
        if (!isRepeated(failed.getStatus().getCode().value())) throw failed;
        LOG.log(Level.WARNING, "A claim failed and is repeated: " + failed.getMessage());
      }
      // The server may have claimed operations for this call. The repeated call has the same
      // request id, and gets the same operations.
      Thread.sleep(pauseMs);
      // A channel by itself may wait for two minutes after an outage before it connects again.
      channel.resetConnectBackoff();
    }
  }

  private void begin(Claim claim, long sent, boolean isRepeated) {
    var attempt = new Attempt(channel, claim, sent, lease);
    running.add(attempt);
    Runnable task = () -> {
      try {
        attempt.run(handlers.get(claim.getMethod()), isRepeated);
      } finally {
        running.remove(attempt);
        free.release();
      }
    };
    new Thread(task, "lease of " + attempt.name()).start();
  }

  /** Whether a call that failed with this code is repeated. Other codes are refusals. */
  static boolean isRepeated(int code) {
    return switch (Status.fromCodeValue(code).getCode()) {
      case CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE -> true;
      default -> false;
    };
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unknown) {
      return "unknown";
    }
  }
}
