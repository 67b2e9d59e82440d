package dev.asyncitems.local.http;

import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * HTTP/1.1 that keeps each request's target as it was sent. Jetty itself would refuse some, such as
 * those with {@code %00}, that the functions are to see.
 */
final class RawHttp extends HttpConnectionFactory {

  RawHttp(HttpConfiguration configuration) {
    super(configuration);
  }

  /** The target of a request that came over such a connection. */
  static String target(Request request) {
    return ((RawConnection) request.getConnectionMetaData()).target;
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    return configure(
        new RawConnection(getHttpConfiguration(), connector, endPoint), connector, endPoint);
  }

  private static final class RawConnection extends HttpConnection {

    /** Of the request being read: the next one is read only once this one is answered. */
    private volatile String target = "/";

    RawConnection(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
      super(configuration, connector, endPoint);
    }

    @Override
    protected HttpStreamOverHTTP1 newHttpStream(String method, String uri, HttpVersion version) {
      target = uri;
      return super.newHttpStream(method, method.equals("CONNECT") ? uri : "/", version);
    }
  }
}
