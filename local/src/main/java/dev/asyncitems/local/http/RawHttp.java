package dev.asyncitems.local.http;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * HTTP/1.1 connections that keep each request's target as the client sent it. Jetty would reject
 * targets that functions must see, such as targets with {@code %00}.
 *
 * <p>This class rejects two kinds of requests that Jetty accepts. Jetty would silently change a
 * target with bytes that are not UTF-8. It often sends no response to an expectation other than
 * {@code 100-continue}.
 */
final class RawHttp extends HttpConnectionFactory {

  /** Jetty's replacement for bytes that are not UTF-8. */
  private static final char REPLACEMENT = '\uFFFD';

  RawHttp(HttpConfiguration configuration) {
    super(configuration);
  }

  static String target(Request request) {
    return ((RawConnection) request.getConnectionMetaData()).target;
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    return configure(
        new RawConnection(getHttpConfiguration(), connector, endPoint), connector, endPoint);
  }

  private static final class RawConnection extends HttpConnection {

    /**
     * The target of the current request. One field suffices, since a connection reads the next
     * request only after the response.
     */
    private volatile String target = "/";

    RawConnection(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
      super(configuration, connector, endPoint);
    }

    @Override
    protected HttpStreamOverHTTP1 newHttpStream(String method, String uri, HttpVersion version) {
      target = uri;
      return new RawStream(method, method.equals("CONNECT") ? uri : "/", version);
    }

    private final class RawStream extends HttpStreamOverHTTP1 {

      private String unknownExpectation = "";

      RawStream(String method, String uri, HttpVersion version) {
        super(method, uri, version);
      }

      @Override
      public void parsedHeader(HttpField field) {
        if (field.getHeader() == HttpHeader.EXPECT) {
          for (String expectation : field.getValueList()) {
            if (!expectation.equalsIgnoreCase("100-continue")) {
              unknownExpectation = expectation;
            }
          }
        }
        super.parsedHeader(field);
      }

      @Override
      public Runnable headerComplete() {
        if (!unknownExpectation.isEmpty()) {
          throw new HttpException.RuntimeException(
              HttpStatus.EXPECTATION_FAILED_417,
              "The expectation '" + unknownExpectation + "' is not supported: use 100-continue.");
        }
        if (target.indexOf(REPLACEMENT) >= 0) {
          throw new HttpException.RuntimeException(
              HttpStatus.BAD_REQUEST_400,
              "The path or the query has bytes that are not UTF-8. Percent-encode its characters.");
        }
        return super.headerComplete();
      }
    }
  }
}
