internal import Expressions
internal import Records

/// Fifty features as fraud teams have them, rules over them, and rows.
enum RuleFeatures {
  static let fields: [Field] =
    [
      Field("amount", .decimal(scale: 2)), Field("at", .timestamp), Field("country", .string),
      Field("card_country", .string), Field("merchant", .string), Field("bin", .int64), Field("email", .string),
      Field("lat", .float64), Field("lon", .float64), Field("home_lat", .float64, nullable: true),
      Field("home_lon", .float64, nullable: true), Field("is_new_device", .bool), Field("age_days", .int64),
      Field("last_at", .timestamp, nullable: true),
    ]
    + (1...12).map { Field("count_\($0)", .int64) } + (1...12).map { Field("mean_\($0)", .float64) }
    + (1...12).map { Field("share_\($0)", .float64, nullable: true) }

  /// A thousand values each.
  static let lists = [
    "risky_merchants": ValueList((0..<1000).map { "m\($0 * 7)" }),
    "risky_bins": ValueList((0..<1000).map { "\(400_000 + $0 * 13)" }),
  ]

  static let rules: [String] = {
    var rules = [
      "merchant in risky_merchants", "bin in risky_bins and amount > 50", "country != card_country and amount > 100",
      "matches(email, '^[a-z]+[0-9]{3,}@(mailinator|tempmail)\\.com$')", "contains(lower(email), 'test')",
      "haversine_km(lat, lon, home_lat, home_lon) > 500", "hour(at) between 0 and 5 and amount > 200",
      "seconds_between(last_at, at) < 30 and count_1 > 3", "country in ('NG', 'RU', 'KP', 'IR') and is_new_device",
      "starts_with(merchant, 'm99') or age_days < 2", "weekday(at) >= 6 and amount > 3 * mean_2",
      "coalesce(share_3, 0) > 0.5",
    ]
    // Velocities, amounts beyond the usual, shares and combinations of these, each with its own thresholds.
    for index in 0..<88 {
      let (a, b) = (index % 12 + 1, (index * 5 + 3) % 12 + 1)
      switch index % 4 {
      case 0: rules.append("count_\(a) > \(index / 2 + 3) and amount > \(index + 10)")
      case 1: rules.append("amount > \(index % 5 + 2) * mean_\(a) and count_\(b) >= \(index % 7)")
      case 2: rules.append("share_\(a) > 0.\(index % 9 + 1) and not is_new_device and count_\(b) < \(index)")
      default:
        rules.append(
          "count_\(a) / (count_\(b) + 1) > \(index % 6 + 1).5 or (age_days < \(index) and amount >= \(index * 9).99)"
        )
      }
    }
    return rules
  }()

  static func batch(_ schema: Schema, rows: Int, seed: UInt64) -> RecordBatch {
    var random = Steps(state: seed)
    let fields = [Field("time", .int64), Field("tag", .int64)] + schema.fields
    var scratch = ColumnScratch(fields, capacity: rows)
    scratch.reset(rows: rows)
    let countries = ["AT", "DE", "CH", "NG", "US"]
    for row in 0..<rows {
      scratch.store(Int64(row), column: 0, row: row)
      scratch.store(Int64(row), column: 1, row: row)
      for (index, field) in schema.fields.enumerated() {
        let column = index + 2
        if field.isNullable, random.below(5) == 0 {
          scratch.storeNull(column: column, row: row)
          continue
        }
        switch field.type {
        case .bool: scratch.store(random.below(4) == 0, column: column, row: row)
        case .float64: scratch.store(Double(random.below(1000)) / 10, column: column, row: row)
        case .timestamp: scratch.store(1_700_000_000_000_000 + random.below(1 << 36), column: column, row: row)
        case .decimal: scratch.store(random.below(50_000), column: column, row: row)
        case .int64:
          scratch.store(
            field.name == "bin" ? 400_000 + random.below(99_999) : random.below(60),
            column: column,
            row: row
          )
        case .string:
          let text =
            switch field.name {
            case "merchant": "m\(random.below(10_000))"
            case "email": "someone\(random.below(2000))@\(random.below(20) == 0 ? "mailinator" : "example").com"
            default: countries[Int(random.below(5))]
            }
          scratch.store(Array(text.utf8).span, column: column, row: row)
        }
      }
    }
    return RecordBatch(
      schema,
      positions: scratch.positions(rows: rows),
      arrivals: nil,
      columns: schema.fields.indices.map { scratch.view($0 + 2, rows: rows) },
      rows: .range(0..<rows)
    )
  }

  /// Numbers that are the same for every run.
  private struct Steps {
    var state: UInt64

    mutating func below(_ limit: Int64) -> Int64 {
      state &+= 1
      return Int64(StableHash.of(Int64(bitPattern: state &* 0x9E37_79B9)) % UInt64(limit))
    }
  }
}
