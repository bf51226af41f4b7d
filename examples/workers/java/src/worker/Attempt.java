package worker;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import longrunning.v1.WorkersGrpc;
import longrunning.v1.WorkersGrpc.WorkersBlockingStub;
import longrunning.v1.WorkersOuterClass.*;

/**
 * The argument of a handler: the request, and the means to report progress. An attempt has two
 * threads: one runs the handler, the other renews the lease and sends the outcome.
 */
public final class Attempt {
  /** The shortest time between two reports, and before a failed renewal is repeated. */
  private static final long BEAT = TimeUnit.MILLISECONDS.toNanos(500);
  /** The largest payload to send. The server accepts 1 MiB of JSON. */
  private static final int BYTES_MAX = 3 << 20;
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  /** An error that callers see. It ends the operation, or with `retry` only the attempt. */
  public static final class Failed extends Exception {
    private final Status.Code code;
    private final boolean retry;

    public Failed(Status.Code code, String message, boolean retry) {
      super(message);
      this.code = code;
      this.retry = retry;
    }
  }

  enum Reason { CANCELLED, LOST, SHUTDOWN }

  private final ManagedChannel channel;
  private final WorkersBlockingStub stub;
  private final Claim claim;
  private final Duration lease;
  /** The newest report that was not sent yet, or null. */
  private final AtomicReference<Renewal> report = new AtomicReference<>();
  /** Why the result is no longer needed, or null. The first reason counts. */
  private final AtomicReference<Reason> reason = new AtomicReference<>();
  /** The request with the outcome of the attempt. The first counts. */
  private final CompletableFuture<Message> ended = new CompletableFuture<>();
  private volatile Thread handling;
  // Times of System.nanoTime(). Only the thread of the lease uses them.
  private long renewAt;
  private long until;

  Attempt(ManagedChannel channel, Claim claim, long sent, Duration lease) {
    this.channel = channel;
    this.stub = WorkersGrpc.newBlockingStub(channel);
    this.claim = claim;
    this.lease = lease;
    trust(sent, claim.getLease(), claim.getCancelRequested());
  }

  /** The name of the operation. */
  public String name() {
    return claim.getAttempt().getName();
  }

  /** The number of the attempt, from 1. */
  public int number() {
    return claim.getAttempt().getAttempt();
  }

  /** The request, converted by Gson. */
  public <T> T request(Class<T> type) {
    return fromStruct(claim.getRequest(), type);
  }

  /** The last report of an earlier attempt, converted by Gson; null if there is none. */
  public <T> T lastReport(Class<T> type) {
    return claim.hasMetadata() ? fromStruct(claim.getMetadata(), type) : null;
  }

  /**
   * Reports progress, an object that Gson converts. Of several reports within half a second, only
   * the last is sent.
   *
   * @throws InterruptedException if the result is no longer needed
   */
  public void report(Object progress) throws InterruptedException {
    check();
    report.set(Renewal.newBuilder().setAttempt(claim.getAttempt()).setMetadata(toStruct(progress)).build());
  }

  /** @throws InterruptedException if the result is no longer needed */
  public void check() throws InterruptedException {
    var stopped = reason.get();
    if (stopped != null) throw new InterruptedException(stopped.toString());
  }

  /** Asks the handler to stop. */
  void stop(Reason why) {
    if (!reason.compareAndSet(null, why)) return;
    var thread = handling;
    if (thread != null) thread.interrupt();
  }

  /** Releases the attempt without waiting for its handler. */
  void giveBack() {
    ended.complete(release());
  }

  /**
   * Runs the handler and sends its outcome. Renews the lease meanwhile.
   *
   * @param isRepeated whether the claim was repeated. The lease may then end soon, and is renewed
   *     before the handler begins.
   */
  void run(Worker.Handler handler, boolean isRepeated) {
    while (isRepeated && isTrusted() && !renew()) keep(after(BEAT));
    if (!isTrusted()) return;
    handling = new Thread(() -> ended.complete(outcome(handler)), "handler of " + name());
    handling.setDaemon(true);
    handling.start();
    keep(ended);
    deliver(ended.join());
  }

  /** Runs the handler, and returns the request with its outcome. */
  private Message outcome(Worker.Handler handler) {
    try {
      check();
      var response = handler.run(this);
      var completion = Completion.newBuilder().setAttempt(claim.getAttempt());
      if (response != null) completion.setResponse(toStruct(response));
      return CompleteAttemptsRequest.newBuilder().addCompletions(completion).build();
    } catch (Failed failed) {
      return failure(failed.code, failed.getMessage(), !failed.retry, "");
    } catch (Throwable thrown) {
      if (reason.get() == Reason.SHUTDOWN) return release();
      if (reason.get() != null) return failure(Status.Code.CANCELLED, "The work was stopped.", true, "");
      var stack = new StringWriter();
      thrown.printStackTrace(new PrintWriter(stack));
      return failure(Status.Code.INTERNAL, "The worker failed.", false, stack.toString());
    }
  }

  private Message failure(Status.Code code, String message, boolean isFinal, String exception) {
    var failure = AttemptFailure.newBuilder().setAttempt(claim.getAttempt()).setFinal(isFinal);
    failure.setException(start(exception, 16_384));
    failure.getErrorBuilder().setCode(code.value()).setMessage(start(message, 10_000));
    return FailAttemptsRequest.newBuilder().addFailures(failure).build();
  }

  private Message release() {
    return ReleaseAttemptsRequest.newBuilder().addAttempts(claim.getAttempt()).build();
  }

  private static String start(String text, int length) {
    return text == null ? "" : text.substring(0, Math.min(text.length(), length));
  }

  /**
   * Adopts the lease that an answer grants. A lease begins when its call is sent. The worker ends
   * it earlier than the server does, because a handler takes time to stop.
   */
  private void trust(long sent, Duration granted, boolean cancelRequested) {
    var now = System.nanoTime();
    var nanos = Durations.toNanos(granted);
    renewAt = now + (sent + nanos - now) / 3;
    until = sent + nanos - Math.min(TimeUnit.SECONDS.toNanos(3), nanos / 10);
    if (cancelRequested) stop(Reason.CANCELLED);
  }

  private boolean isTrusted() {
    return System.nanoTime() - until < 0;
  }

  /** Renews the lease and sends reports until `end` is done. */
  private void keep(CompletableFuture<?> end) {
    while (!end.isDone()) {
      var isTrusted = isTrusted();
      if (!isTrusted) stop(Reason.LOST);
      else if (report.get() != null || System.nanoTime() - renewAt >= 0) renew();
      var wait = isTrusted ? Math.min(BEAT, until - System.nanoTime()) : Long.MAX_VALUE;
      try {
        end.get(wait, TimeUnit.NANOSECONDS);
      } catch (TimeoutException passed) {
        // `end` is not done yet.
      } catch (InterruptedException | ExecutionException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }

  private static CompletableFuture<Void> after(long nanos) {
    return new CompletableFuture<Void>().completeOnTimeout(null, nanos, TimeUnit.NANOSECONDS);
  }

  /** Sends a renewal with the newest report. Returns false if the call has to be repeated. */
  private boolean renew() {
    var sent = System.nanoTime();
    var newest = report.get();
    var renewal = newest != null ? newest : Renewal.newBuilder().setAttempt(claim.getAttempt()).build();
    var answer = call(RenewAttemptsRequest.newBuilder().setLease(lease).addRenewals(renewal).build());
    var code = answer.getError().getCode();
    if (Worker.isRepeated(code)) return false;
    // Do not send the report again, even if the server refused it.
    report.compareAndSet(newest, null);
    if (answer.getHeld()) {
      trust(sent, answer.getLease(), answer.getCancelRequested());
    } else if (code != Status.Code.INVALID_ARGUMENT.value()) {
      until = sent;
      stop(Reason.LOST);
    }
    return true;
  }

  /** Sends the outcome until the server answers or the lease ends. Repeating an outcome is safe. */
  private void deliver(Message outcome) {
    for (var pauseMs = Worker.PAUSE_MIN_MS; isTrusted(); pauseMs = Math.min(2 * pauseMs, Worker.PAUSE_MAX_MS)) {
      if (report.get() != null) renew();
      var error = call(outcome).getError();
      if (error.getCode() == Status.Code.INVALID_ARGUMENT.value() && outcome instanceof CompleteAttemptsRequest) {
        // The response is invalid or too large. The worker still holds the attempt.
        var message = "The server refused the worker's response as invalid.";
        outcome = failure(Status.Code.INTERNAL, message, true, error.getMessage());
      } else if (Worker.isRepeated(error.getCode())) {
        keep(after(TimeUnit.MILLISECONDS.toNanos(pauseMs)));
      } else {
        return;
      }
    }
  }

  /**
   * Sends a request with one entry, and returns the answer to the entry. An error of the call
   * becomes an error of the entry.
   */
  private RenewalAnswer call(Message request) {
    var nanos = Math.min(TimeUnit.SECONDS.toNanos(Worker.CALL_S), Durations.toNanos(lease) / 5);
    var timed = stub.withDeadlineAfter(Math.min(nanos, until - System.nanoTime()), TimeUnit.NANOSECONDS);
    channel.resetConnectBackoff(); // A channel may wait for two minutes after an outage.
    RenewalAnswer answer;
    try {
      answer = send(timed, request);
    } catch (StatusRuntimeException failed) {
      answer = RenewalAnswer.newBuilder().setError(StatusProto.fromThrowable(failed)).build();
    }
    if (answer.getError().getCode() != 0) {
      Worker.LOG.log(Level.WARNING, name() + ", attempt " + number() + ": " + answer.getError().getMessage());
    }
    return answer;
  }

  private static RenewalAnswer send(WorkersBlockingStub stub, Message request) {
    if (request instanceof RenewAttemptsRequest renewal) return stub.renewAttempts(renewal).getAnswers(0);
    var answer =
        request instanceof CompleteAttemptsRequest completion ? stub.completeAttempts(completion).getAnswers(0)
        : request instanceof FailAttemptsRequest failure ? stub.failAttempts(failure).getAnswers(0)
        : stub.releaseAttempts((ReleaseAttemptsRequest) request).getAnswers(0);
    return RenewalAnswer.newBuilder().setError(answer.getError()).build();
  }

  private static <T> T fromStruct(Struct fields, Class<T> type) {
    try {
      return GSON.fromJson(JsonFormat.printer().omittingInsignificantWhitespace().print(fields), type);
    } catch (InvalidProtocolBufferException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** @throws IllegalArgumentException if the object is no JSON object, or larger than BYTES_MAX */
  private static Struct toStruct(Object object) {
    var made = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(GSON.toJson(object), made);
    } catch (InvalidProtocolBufferException wrong) {
      throw new IllegalArgumentException("The payload cannot be sent.", wrong);
    }
    var struct = made.build();
    var bytes = struct.getSerializedSize();
    if (bytes > BYTES_MAX) {
      throw new IllegalArgumentException("The payload has " + bytes + " bytes; the limit is " + BYTES_MAX + ".");
    }
    return struct;
  }
}
