package quarkus;

import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.jboss.resteasy.reactive.RestResponse;

@Path("/items")
@Produces(MediaType.APPLICATION_JSON)
public class ItemResource {
  @Inject ItemService items;

  @GET
  @Path("/{id}")
  public RestResponse<Item> get(String id) {
    Item item = items.get(id).orElseThrow(ItemResource::noSuchItem);
    return RestResponse.ResponseBuilder.ok(item).tag(Long.toString(item.version())).build();
  }

  private static NotFoundException noSuchItem() {
    return new NotFoundException(
        Response.status(Response.Status.NOT_FOUND)
            .type(MediaType.APPLICATION_JSON)
            .entity(Map.of("message", "no such item"))
            .build());
  }
}
