package micronaut;

import io.micronaut.core.annotation.Nullable;
import io.micronaut.serde.annotation.Serdeable;
import java.math.BigDecimal;
import java.util.List;

@Serdeable
public record Item(
    String id,
    String name,
    @Nullable String description,
    BigDecimal price,
    List<String> tags,
    String createdAt,
    String updatedAt,
    long version) {}
