import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.UUID;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.JSON;
import org.openapitools.client.api.ItemsApi;
import org.openapitools.client.api.NotificationsApi;
import org.openapitools.client.model.InvalidContent;
import org.openapitools.client.model.InvalidContentOrKeyReused;
import org.openapitools.client.model.Item;
import org.openapitools.client.model.ItemPage;
import org.openapitools.client.model.ItemPatch;
import org.openapitools.client.model.NewItem;
import org.openapitools.client.model.NewNotification;
import org.openapitools.client.model.NotFound;
import org.openapitools.client.model.Notification;
import org.openapitools.client.model.NotificationStatus;

/**
 * A session with the Java client that openapi-generator makes. The first argument is the API's
 * address. Java runs it as a source file, with the client on the class path.
 */
final class Session {
  private interface Call {
    Object get() throws ApiException;
  }

  public static void main(String[] arguments) throws Exception {
    var client = new ApiClient();
    client.updateBaseUri(arguments[0]);
    var items = new ItemsApi(client);
    var notifications = new NotificationsApi(client);
    var json = JSON.getDefault().getMapper();

    List<Item> made = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      var lamp = new NewItem().name("Lamp " + n).description("Bright");
      lamp.price(new BigDecimal("1.15")).tags(new LinkedHashSet<>(List.of("b", "a")));
      made.add(items.createItem(lamp, null));
    }
    Item read = items.getItem(made.get(0).getId(), null, null);
    check(read.equals(made.get(0)), read);
    check(List.copyOf(read.getTags()).equals(List.of("b", "a")), read);
    check(read.getPrice().equals(new BigDecimal("1.15")), read);

    var patch = new ItemPatch().description(null).price(new BigDecimal("2.3"));
    Item patched = items.patchItem(read.getId(), patch, null, null);
    check(patched.getDescription() == null && patched.getVersion() == 2, patched);

    List<UUID> ids = new ArrayList<>();
    String cursor = null;
    do {
      ItemPage page = items.listItems(3, cursor);
      page.getItems().forEach(item -> ids.add(item.getId()));
      cursor = page.getNextCursor();
    } while (cursor != null);
    check(new HashSet<>(ids).size() == ids.size(), ids);
    check(made.stream().allMatch(item -> ids.contains(item.getId())), ids);

    var tooFine = new NewItem().name("Lamp").price(new BigDecimal("1.005"));
    String invalid = rejection(422, () -> items.createItem(tooFine, null));
    var problem = json.readValue(invalid, InvalidContentOrKeyReused.class);
    check(problem.getActualInstance() instanceof InvalidContent, problem);
    check(
        problem.getInvalidContent().getViolations().get(0).getPointer().equals("/price"), problem);

    String missing = rejection(404, () -> items.getItem(UUID.randomUUID(), null, null));
    var notFound = json.readValue(missing, NotFound.class);
    check(notFound.getType().equals("/problems/not-found"), notFound);

    var parcel = new NewNotification().message("The parcel was sent.");
    Notification notification = notifications.sendNotification(parcel, null);
    long end = System.nanoTime() + 20_000_000_000L;
    while (notification.getStatus() == NotificationStatus.QUEUED) {
      check(System.nanoTime() < end, notification);
      Thread.sleep(100);
      notification = notifications.getNotification(notification.getId());
    }
    check(notification.getStatus() == NotificationStatus.LOGGED, notification);
    check(notification.getLoggedAt() != null && notification.getFailure() == null, notification);
  }

  private static String rejection(int status, Call call) {
    try {
      throw new AssertionError("the call succeeded: " + call.get());
    } catch (ApiException e) {
      check(e.getCode() == status, e);
      return e.getResponseBody();
    }
  }

  private static void check(boolean holds, Object what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
