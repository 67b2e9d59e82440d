package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.reload.ClassFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reloads all functions in one JVM, while the libraries stay loaded. */
final class ReloadIT implements RunListener {
  private static final Path CLASSES = Path.of("target", "classes");

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  @Override
  public void reloaded(int functions, Duration time) {
    told.add("reloaded " + functions);
  }

  @Override
  public void trouble(String sentence) {
    told.add(sentence);
  }

  @Test
  void theFunctionsAreTakenUpAnewAndTheRowsStay(@TempDir Path folder) throws Exception {
    copyClasses(folder);
    try (LocalRun run =
        ProjectTemplate.run()
            .withoutPollers()
            .reloading(new ClassFolders(List.of(folder)))
            .listener(this)
            .start()) {
      Api api = new Api(run.uri());
      String id = api.send("POST", "/items", "{\"name\":\"Lamp\",\"price\":1}").text("id");

      for (int again = 1; again <= 2; again++) {
        Files.setLastModifiedTime(
            folder.resolve("dev/asyncitems/function/GetItem.class"), FileTime.fromMillis(again));

        assertThat(told.poll(30, TimeUnit.SECONDS))
            .isEqualTo("reloaded " + run.template().functions().size());
        assertThat(api.get("/items/" + id).text("name")).isEqualTo("Lamp");
        assertThat(api.get("/data").status()).isEqualTo(200);
      }

      // Some compilers delete files first.
      Files.delete(folder.resolve("dev/asyncitems/function/GetItem.class"));
      Files.delete(folder.resolve("docs/openapi.json"));
      assertThat(api.get("/openapi.json").status()).isEqualTo(200);
    }
  }

  private static void copyClasses(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(CLASSES)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(CLASSES.relativize(file).toString());
        Files.createDirectories(copy.resolveSibling(""));
        Files.copy(file, copy);
      }
    }
  }
}
