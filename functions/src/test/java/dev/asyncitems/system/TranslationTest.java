package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each translated page, {@code X.zh-CN.md}, has the code, figures, tables and links of its
 * original, {@code X.md}. So nobody can change them in one page alone.
 */
final class TranslationTest {
  private static final Path PROJECT =
      ProjectTemplate.FILE.toAbsolutePath().normalize().resolveSibling("");
  private static final String TRANSLATED = ".zh-CN.md";

  private static final Pattern BLOCK =
      Pattern.compile("^ *```.*?^ *```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern HEADING = Pattern.compile("^(#+) (.*)$", Pattern.MULTILINE);
  private static final Pattern CODE = Pattern.compile("`[^`]+`");
  private static final Pattern FIGURE = Pattern.compile("\\d+(?:[.,]\\d+)*");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern BAR = Pattern.compile("(?<!\\\\)\\|");

  private static List<Path> translations() throws IOException {
    try (Stream<Path> top = Files.list(PROJECT);
        Stream<Path> docs = Files.walk(PROJECT.resolve("docs"))) {
      return Stream.concat(top, docs).filter(file -> file.toString().endsWith(TRANSLATED)).toList();
    }
  }

  private static Path original(Path translation) {
    return Path.of(original(translation.toString()));
  }

  private static String original(String name) {
    return name.replace(TRANSLATED, ".md");
  }

  @ParameterizedTest
  @MethodSource("translations")
  void hasTheSameBlocksOfCode(Path translation) throws IOException {
    assertThat(all(BLOCK, Files.readString(translation)))
        .as("blocks of code in %s", translation)
        .containsExactlyElementsOf(all(BLOCK, Files.readString(original(translation))));
  }

  @ParameterizedTest
  @MethodSource("translations")
  void hasTheSameCodeAndFiguresInEachSection(Path translation) throws IOException {
    List<String> sections = sections(translation);
    List<String> originals = sections(original(translation));

    assertThat(sections)
        .as("headings of %s", translation)
        .extracting(TranslationTest::level)
        .isEqualTo(originals.stream().map(TranslationTest::level).toList());
    for (int i = 0; i < sections.size(); i++) {
      String place = "section '%s' of %s".formatted(title(sections.get(i)), translation);
      assertThat(all(CODE, sections.get(i)))
          .as(place)
          .hasSameElementsAs(all(CODE, originals.get(i)));
      // A translation may write a number that the original writes as a word.
      assertThat(figures(sections.get(i))).as(place).containsAll(figures(originals.get(i)));
    }
  }

  @ParameterizedTest
  @MethodSource("translations")
  void hasTheSameCodeAndFiguresInEachCell(Path translation) throws IOException {
    assertThat(rows(translation))
        .as("tables of %s", translation)
        .containsExactlyElementsOf(rows(original(translation)));
  }

  @ParameterizedTest
  @MethodSource("translations")
  void hasTheSameLinks(Path translation) throws IOException {
    assertThat(comparableLinks(translation))
        .as("links of %s", translation)
        .containsExactlyInAnyOrderElementsOf(comparableLinks(original(translation)));
  }

  @ParameterizedTest
  @MethodSource("translations")
  void linksToItsOriginalAndBack(Path translation) throws IOException {
    assertThat(links(translation)).contains(original(translation).getFileName().toString());
    assertThat(links(original(translation))).contains(translation.getFileName().toString());
  }

  @ParameterizedTest
  @MethodSource("translations")
  void itsLinksLeadToFilesAndHeadings(Path translation) throws IOException {
    for (String link : links(translation)) {
      if (link.contains("://")) {
        continue;
      }
      String[] parts = link.split("#", 2);
      Path target = parts[0].isEmpty() ? translation : translation.resolveSibling(parts[0]);
      assertThat(target).as("%s links to %s", translation, link).exists();
      if (parts.length == 2) {
        assertThat(anchors(target)).as("%s links to %s", translation, link).contains(parts[1]);
      }
    }
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(hit -> hit.group()).toList();
  }

  private static String withoutBlocks(Path page) throws IOException {
    return BLOCK.matcher(Files.readString(page)).replaceAll("");
  }

  /** Returns the sections of a page, each with its heading. */
  private static List<String> sections(Path page) throws IOException {
    String text = withoutBlocks(page);
    List<Integer> starts =
        HEADING.matcher(text).results().map(hit -> hit.start()).collect(Collectors.toList());
    starts.add(text.length());
    List<String> sections = new ArrayList<>();
    for (int i = 1; i < starts.size(); i++) {
      sections.add(text.substring(starts.get(i - 1), starts.get(i)));
    }
    return sections;
  }

  private static int level(String section) {
    return section.indexOf(' ');
  }

  private static String title(String section) {
    return section.lines().findFirst().orElseThrow();
  }

  /** Returns the figures of a text, without its code and the targets of its links. */
  private static Set<String> figures(String text) {
    String prose = LINK.matcher(CODE.matcher(text).replaceAll("")).replaceAll("]");
    return Set.copyOf(all(FIGURE, prose));
  }

  /** Returns, for each row of a table, the code and the figures of each cell. */
  private static List<List<List<String>>> rows(Path page) throws IOException {
    return withoutBlocks(page)
        .lines()
        .filter(line -> line.startsWith("|"))
        .map(line -> BAR.splitAsStream(line).map(TranslationTest::facts).toList())
        .toList();
  }

  /** Returns code and figures in a sorted list, since a translation may reorder them. */
  private static List<String> facts(String cell) {
    return Stream.concat(
            all(CODE, cell).stream(), all(FIGURE, CODE.matcher(cell).replaceAll("")).stream())
        .sorted()
        .toList();
  }

  private static List<String> links(Path page) throws IOException {
    return LINK.matcher(withoutBlocks(page)).results().map(hit -> hit.group(1)).toList();
  }

  /** Returns links by the name of the original, without anchors of pages that are translated. */
  private static List<String> comparableLinks(Path page) throws IOException {
    List<Path> translations = translations();
    return links(page).stream()
        .map(TranslationTest::original)
        .map(link -> {
          String file = link.replaceFirst("#.*", "");
          Path target = file.isEmpty() ? original(page) : page.resolveSibling(file).normalize();
          return translations.stream().anyMatch(t -> original(t).equals(target)) ? file : link;
        })
        .toList();
  }

  /** Returns the anchors that GitHub gives to the headings of a page. */
  private static Set<String> anchors(Path page) throws IOException {
    return HEADING
        .matcher(withoutBlocks(page))
        .results()
        .map(hit -> hit.group(2).toLowerCase(Locale.ROOT))
        .map(title -> title.replaceAll("[^\\p{L}\\p{M}\\p{N}\\p{Pc} -]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }
}
