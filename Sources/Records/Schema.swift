/// The type of a column's values.
public enum ColumnType: Hashable, Sendable {
  case int64
  case float64
  case bool
  /// Microseconds since 1970-01-01T00:00:00Z.
  case timestamp
  /// An integer scaled by 10^scale; `scale` is 0...18.
  case decimal(scale: Int)
  /// UTF-8 text.
  case string

  /// Bytes of one value in a batch; for a string, of its offset.
  @inlinable
  public var width: Int {
    switch self {
    case .int64, .float64, .timestamp, .decimal: 8
    case .bool: 1
    case .string: 4
    }
  }
}

extension ColumnType: CustomStringConvertible {
  /// The type as a pipeline file spells it.
  public var description: String {
    switch self {
    case .int64: "int64"
    case .float64: "float64"
    case .bool: "bool"
    case .timestamp: "timestamp"
    case .decimal(let scale): "decimal(\(scale))"
    case .string: "string"
    }
  }

  /// The largest number of decimal places: 10^18 is the largest power of ten in an `Int64`.
  package static let largestScale = 18

  /// Reads the spelling of a pipeline file; nil when there is no such type.
  package init?(spelling: String) {
    switch spelling {
    case "int64": self = .int64
    case "float64": self = .float64
    case "bool": self = .bool
    case "timestamp": self = .timestamp
    case "string": self = .string
    default:
      guard spelling.hasPrefix("decimal("), spelling.hasSuffix(")"),
        let scale = Int(spelling.dropFirst(8).dropLast()), 0...Self.largestScale ~= scale
      else { return nil }
      self = .decimal(scale: scale)
    }
  }
}

/// A named, typed column of a schema.
public struct Field: Hashable, Sendable {
  public let name: String
  public let type: ColumnType
  /// Whether a row may have no value here.
  public let isNullable: Bool

  package init(_ name: String, _ type: ColumnType, nullable: Bool = false) {
    self.name = name
    self.type = type
    self.isNullable = nullable
  }
}

/// The columns of a batch, in order. Two schemas with the same fields have the same fingerprint in every process.
public struct Schema: Hashable, Sendable {
  public let fields: [Field]
  /// A stable hash of names, types and nullability, carried by every frame of rows.
  public let fingerprint: UInt64

  package init(_ fields: [Field]) {
    self.fields = fields
    var text = ""
    for field in fields {
      text += "\(field.name.utf8.count):\(field.name) \(field.type)\(field.isNullable ? "?" : "")\n"
    }
    fingerprint = StableHash.of(text)
  }

  /// The index of the column `name`, or nil. Linear: for compiling, not for rows.
  package func index(of name: String) -> Int? {
    fields.firstIndex { $0.name == name }
  }

  /// This schema with more columns after its own.
  package func appending(_ more: [Field]) -> Schema {
    Schema(fields + more)
  }
}
