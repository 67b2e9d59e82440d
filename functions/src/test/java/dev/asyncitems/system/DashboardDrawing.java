package dev.asyncitems.system;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Draws the layout of a dashboard: the position, the title and the metrics of each widget. */
final class DashboardDrawing {
  private static final int CELL_WIDTH = 50;
  private static final int CELL_HEIGHT = 30;
  private static final int COLUMNS = 24;
  private static final int MARGIN = 4;
  private static final List<String> COLOURS =
      List.of("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b");

  private final StringBuilder svg = new StringBuilder();
  private final Set<String> functions;

  private DashboardDrawing(Set<String> functions) {
    this.functions = functions;
  }

  /** Returns an SVG picture. */
  static String of(JsonNode dashboard, Set<String> functions) {
    int bottom = 0;
    DashboardDrawing drawing = new DashboardDrawing(functions);
    for (JsonNode widget : dashboard.required("widgets")) {
      drawing.widget(widget);
      bottom = Math.max(bottom, number(widget, "y") + number(widget, "height"));
    }
    int width = COLUMNS * CELL_WIDTH;
    int height = bottom * CELL_HEIGHT;
    return String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\">%n"
                + "<rect width=\"%d\" height=\"%d\" fill=\"#f2f3f3\"/>%n%s</svg>%n",
            width,
            height,
            width,
            height,
            drawing.svg)
        .replace("\r\n", "\n");
  }

  private void widget(JsonNode widget) {
    int x = number(widget, "x") * CELL_WIDTH + MARGIN;
    int y = number(widget, "y") * CELL_HEIGHT + MARGIN;
    int width = number(widget, "width") * CELL_WIDTH - 2 * MARGIN;
    int height = number(widget, "height") * CELL_HEIGHT - 2 * MARGIN;
    JsonNode properties = widget.required("properties");
    if (widget.required("type").asString().equals("text")) {
      String heading = properties.required("markdown").asString().replaceFirst("^#+ ", "");
      text(x, y + 17, 18, true, heading);
      return;
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"#fff\""
                + " stroke=\"#d5dbdb\"/>%n",
            x,
            y,
            width,
            height));
    text(x + 8, y + 18, 12, true, fitting(properties.required("title").asString(), width));
    List<String> names = names(properties);
    // A grid like the widget's axes, with the legend below it.
    int columns = width > 800 ? 4 : width > 500 ? 3 : names.size() > 6 ? 2 : 1;
    int rows = (names.size() + columns - 1) / columns;
    int legend = y + height - 6 - 14 * (rows - 1);
    for (int line = y + 34; line < legend - 16; line += 22) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %dh%d\" stroke=\"#eaeded\"/>%n",
              x + 8,
              line,
              width - 16));
    }
    for (int i = 0; i < names.size(); i++) {
      int left = x + 8 + i % columns * ((width - 16) / columns);
      int base = legend + 14 * (i / columns);
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"%d\" width=\"8\" height=\"8\" fill=\"%s\"/>%n",
              left,
              base - 8,
              COLOURS.get(i % COLOURS.size())));
      text(left + 12, base, 11, false, names.get(i));
    }
  }

  /**
   * Returns the names in the legend. A search has one line for each metric that it finds. Alarms
   * and functions are not named, so that a new one leaves the drawing as it is.
   */
  private List<String> names(JsonNode properties) {
    Set<String> names = new LinkedHashSet<>();
    if (properties.has("alarms")) {
      names.add("each alarm");
    }
    for (JsonNode metric : properties.path("metrics")) {
      JsonNode options = metric.get(metric.size() - 1);
      String label = options.path("label").asString("");
      if (options.path("visible").asBoolean(true)) {
        names.add(
            label.isEmpty()
                ? "each that is found"
                : functions.contains(label) ? "each function" : label);
      }
    }
    return List.copyOf(names);
  }

  private static String fitting(String title, int width) {
    int characters = (width - 16) / 7;
    return title.length() <= characters ? title : title.substring(0, characters - 1) + "…";
  }

  private void text(int x, int y, int size, boolean bold, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" font-size=\"%d\"%s fill=\"#16191f\">%s</text>%n",
            x,
            y,
            size,
            bold ? " font-weight=\"bold\"" : "",
            text.replace("&", "&amp;").replace("<", "&lt;")));
  }

  private static int number(JsonNode widget, String name) {
    return widget.required(name).asInt();
  }
}
