package archive;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Status;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import worker.Attempt;
import worker.Worker;

/**
 * A worker for the method createArchive. It packs directories of its machine into .tar.gz files.
 * Argument: the address of the server, such as 127.0.0.1:8080.
 */
public final class Archive {
  private static final int BLOCK = 1 << 16;

  record Request(String directory, String output) {}

  record Response(String path, long sizeBytes, String sha256, int entryCount) {}

  record Progress(long progressPercent, String statusMessage, String currentFile, long bytesDone, long bytesTotal) {}

  public static void main(String[] words) {
    var server = words.length > 0 ? words[0] : "127.0.0.1:8080";
    // Keepalive pings detect a lost network within 15 s.
    var channel = Grpc.newChannelBuilder(server, InsecureChannelCredentials.create())
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(5, TimeUnit.SECONDS)
        .build();
    new Worker(channel, Map.of("createArchive", Archive::createArchive), 4, 20, 30).runAndExit();
  }

  /** Packs a directory into a file, and returns the response of the method. */
  static Response createArchive(Attempt attempt) throws Exception {
    var request = attempt.request(Request.class);
    var directory = Path.of(request.directory()).toAbsolutePath();
    if (!Files.isDirectory(directory)) {
      var message = "The directory \"" + directory + "\" does not exist on the machine of this worker.";
      throw new Attempt.Failed(Status.Code.NOT_FOUND, message, false);
    }
    directory = directory.toRealPath();
    var name = Path.of(attempt.name()).getFileName();
    var requested = request.output() != null ? request.output() : "data/archives/" + name + ".tar.gz";
    var output = Path.of(requested).toAbsolutePath();
    Files.createDirectories(output.getParent());
    // An attempt that has lost its lease may still be writing. The attempt number in the file name
    // keeps it away from the file of the next attempt.
    var partial = Path.of(output + ".partial-" + attempt.number());
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      int count;
      try (var file = new DigestOutputStream(Files.newOutputStream(partial), digest)) {
        count = pack(attempt, directory, file, List.of(output, partial));
      }
      attempt.check();
      Files.move(partial, output, StandardCopyOption.REPLACE_EXISTING);
      var sha256 = HexFormat.of().formatHex(digest.digest());
      return new Response(output.toString(), Files.size(output), sha256, count);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Writes the archive of a directory, and returns the number of its entries. */
  static int pack(Attempt attempt, Path directory, OutputStream to, List<Path> excluded) throws Exception {
    List<Path> paths;
    try (var all = Files.walk(directory)) {
      paths = all.filter(path -> isPacked(path) && !excluded.contains(path)).sorted().toList();
    }
    var total = 0L;
    for (var path : paths) total += sizeOf(path);
    var done = 0L;
    try (var archive = new TarArchiveOutputStream(new GZIPOutputStream(to), "UTF-8")) {
      archive.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      archive.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      archive.setAddPaxHeadersForNonAsciiNames(true);
      for (var path : paths) {
        var percent = total == 0 ? 100 : 100 * done / total;
        attempt.report(new Progress(percent, "Packing " + directory, path.toString(), done, total));
        done += add(archive, directory, path, attempt);
      }
    }
    return paths.size();
  }

  /** Writes one entry, and returns the number of bytes of its content. */
  static long add(TarArchiveOutputStream archive, Path directory, Path path, Attempt attempt) throws Exception {
    var parent = directory.getParent();
    var name = (parent == null ? path : parent.relativize(path)).toString();
    TarArchiveEntry entry;
    if (Files.isSymbolicLink(path)) {
      entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
      entry.setLinkName(Files.readSymbolicLink(path).toString());
    } else {
      entry = new TarArchiveEntry(path, name, LinkOption.NOFOLLOW_LINKS);
      entry.setMode((Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS));
    }
    archive.putArchiveEntry(entry);
    var left = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? entry.getSize() : 0;
    if (left > 0) {
      try (var file = Files.newInputStream(path)) {
        while (left > 0) {
          attempt.check();
          var block = file.readNBytes((int) Math.min(left, BLOCK));
          if (block.length == 0) throw new EOFException(path + " is shorter than before.");
          archive.write(block);
          left -= block.length;
        }
      }
    }
    archive.closeArchiveEntry();
    return sizeOf(path);
  }

  static boolean isPacked(Path path) {
    return Files.isSymbolicLink(path) || Files.isDirectory(path) || Files.isRegularFile(path);
  }

  static long sizeOf(Path path) throws IOException {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Files.size(path) : 0;
  }
}
