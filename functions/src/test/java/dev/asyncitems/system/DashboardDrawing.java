package dev.asyncitems.system;

import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Draws the layout of a dashboard: the position and the title of each widget. */
final class DashboardDrawing {
  private static final int CELL_WIDTH = 50;
  private static final int CELL_HEIGHT = 30;
  private static final int COLUMNS = 24;
  private static final int MARGIN = 4;

  private final StringBuilder svg = new StringBuilder();

  /** Returns an SVG picture. */
  static String of(JsonNode dashboard) {
    int bottom = 0;
    DashboardDrawing drawing = new DashboardDrawing();
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
    // Lines like those of the widget's axes. The metrics are not named, so that a new function or
    // queue leaves the drawing as it is.
    for (int line = y + 34; line < y + height - 8; line += 22) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %dh%d\" stroke=\"#eaeded\"/>%n",
              x + 8,
              line,
              width - 16));
    }
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
