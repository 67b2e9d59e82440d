package spring;

import java.math.BigDecimal;
import java.util.List;

public record Item(
    String id,
    String name,
    String description,
    BigDecimal price,
    List<String> tags,
    String createdAt,
    String updatedAt,
    long version) {}
