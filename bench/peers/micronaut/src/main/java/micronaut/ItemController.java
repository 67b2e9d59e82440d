package micronaut;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import java.util.Map;

@Controller("/items")
public class ItemController {
  private final ItemRepository items;

  public ItemController(ItemRepository items) {
    this.items = items;
  }

  @Get("/{id}")
  public HttpResponse<?> get(String id) {
    var item = items.findById(id);
    if (item.isEmpty()) {
      return HttpResponse.notFound(Map.of("message", "no such item"));
    }
    return HttpResponse.ok(item.get()).header(HttpHeaders.ETAG, "\"" + item.get().version() + "\"");
  }
}
