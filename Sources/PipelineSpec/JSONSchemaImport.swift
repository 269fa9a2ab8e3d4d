internal import Records
internal import SourceStage

/// Columns from a JSON Schema (draft 2020-12): an object with properties of plain types.
///
/// The file is read as YAML, of which JSON is a part: so its properties keep their order, and mistakes their places.
struct JSONSchemaImport {
  /// Why a file is no schema of rows; `path` names the place in the schema, the line that in the file.
  struct Mistake: Error {
    let path: String
    let line: Int
    let message: String
    let remedy: String

    init(_ path: String, _ value: YAMLValue, _ message: String, _ remedy: String) {
      self.path = path
      line = value.place.line
      self.message = message
      self.remedy = remedy
    }
  }

  private let root: YAMLValue

  init(_ root: YAMLValue) { self.root = root }

  /// Keywords that say nothing of what values may be, at least not to Sluice.
  private static let annotations: Set = [
    "$schema", "$id", "$comment", "$defs", "title", "description", "default", "examples", "deprecated", "readOnly",
    "writeOnly", "additionalProperties", "unevaluatedProperties",
  ]

  /// - Parameter name: of the schema, for messages.
  func columns(_ name: String) throws(Mistake) -> ImportedSchema {
    let object = try resolved(root, "the schema", depth: 0)
    guard case .mapping(let keywords) = object.content else {
      throw Mistake(
        "the schema",
        object,
        "is \(object.kind)",
        "write an object: {\"type\": \"object\", \"properties\": {...}}"
      )
    }
    var required: [String] = []
    var properties: YAMLValue?
    for (key, value) in keywords {
      switch key.name {
      case "type":
        guard value.text == "object" else {
          throw Mistake("type", value, "is \(value.kind)", "describe a row as an object with `properties`")
        }
      case "properties": properties = value
      case "required": required = try texts(value, "required")
      case let other where Self.annotations.contains(other): break
      default: throw Self.unknown(key.name, "the schema", value)
      }
    }
    guard let properties, case .mapping(let pairs) = properties.content, !pairs.isEmpty else {
      throw Mistake("properties", object, "names no column", "describe each column in `properties`")
    }
    var schema = ImportedSchema(name: name)
    for (key, value) in pairs {
      let path = "properties.\(key.name)"
      do throws(Mistake) {
        let column = try column(key.name, value, path, isRequired: required.contains(key.name))
        schema.columns.append(ImportedSchema.Column(name: key.name, column: column, problem: ""))
      } catch {
        let problem = "\(error.path) (line \(error.line)) \(error.message)"
        schema.columns.append(ImportedSchema.Column(name: key.name, column: nil, problem: problem))
      }
    }
    if let missing = required.first(where: { name in !pairs.contains { $0.key.name == name } }) {
      throw Mistake("required", object, "names '\(missing)', which is no property", "describe it in `properties`")
    }
    return schema
  }

  /// What one property says.
  private struct Property {
    var type: String?
    var isNullable = false
    var format: String?
    var allowed: [YAMLValue] = []
    var bounds: [(keyword: String, value: YAMLValue)] = []
    var multiple: YAMLValue?
    var longest: YAMLValue?
  }

  private func column(
    _ name: String,
    _ value: YAMLValue,
    _ path: String,
    isRequired: Bool
  ) throws(Mistake) -> DeclaredColumn {
    let property = try property(try resolved(value, path, depth: 0), path)
    let type = try columnType(property, value, path)
    let field = Field(name, type, nullable: property.isNullable || !isRequired)
    var reading = ColumnReading(name)
    for (keyword, bound) in property.bounds {
      guard type != .string, type != .bool, let limit = bound.text.flatMap({ ColumnRules.Value($0, type) }) else {
        throw Mistake("\(path).\(keyword)", bound, "is \(bound.kind), which bounds no \(type)", "write a number")
      }
      switch keyword {
      case "minimum": reading.rules.least = limit
      case "maximum": reading.rules.greatest = limit
      case "exclusiveMinimum": reading.rules.least = limit.next
      default: reading.rules.greatest = limit.previous
      }
    }
    for allowed in property.allowed {
      guard type != .bool, let value = allowed.text.flatMap({ ColumnRules.Value($0, type) }) else {
        throw Mistake("\(path).enum", allowed, "has \(allowed.kind), which is no \(type)", "list values of the type")
      }
      reading.rules.allowed.append(value)
    }
    if let longest = property.longest {
      guard type == .string, let count = longest.text.flatMap({ Int($0) }), count >= 0 else {
        throw Mistake("\(path).maxLength", longest, "is \(longest.kind)", "write a number of characters of a string")
      }
      reading.rules.longest = count
    }
    return DeclaredColumn(field: field, reading: reading)
  }

  private func property(_ value: YAMLValue, _ path: String) throws(Mistake) -> Property {
    guard case .mapping(let keywords) = value.content else {
      throw Mistake(path, value, "is \(value.kind)", "write an object: {\"type\": \"integer\"}")
    }
    var property = Property()
    for (key, value) in keywords {
      switch key.name {
      case "type":
        let types = if case .sequence = value.content { try texts(value, "\(path).type") } else { [value.text ?? ""] }
        let plain = types.filter { $0 != "null" }
        guard plain.count == 1 else {
          throw Mistake(
            "\(path).type",
            value,
            "names \(plain.count) types",
            "name one, and \"null\" where that is fine"
          )
        }
        property.type = plain[0]
        if types.count > 1 { property.isNullable = true }
      case "format": property.format = value.text
      case "enum":
        guard case .sequence(let values) = value.content, !values.isEmpty else {
          throw Mistake("\(path).enum", value, "is \(value.kind)", "list the values")
        }
        property.allowed = values.filter { !$0.isNull }
        if property.allowed.count < values.count { property.isNullable = true }
      case "const": property.allowed = [value]
      case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum": property.bounds.append((key.name, value))
      case "multipleOf": property.multiple = value
      case "maxLength": property.longest = value
      case let other where Self.annotations.contains(other): break
      default: throw Self.unknown(key.name, path, value)
      }
    }
    return property
  }

  private func columnType(_ property: Property, _ value: YAMLValue, _ path: String) throws(Mistake) -> ColumnType {
    // Without a type, the values say it.
    let isTexts = !property.allowed.isEmpty && property.allowed.allSatisfy { $0.textOffset == 1 }
    switch property.type ?? (isTexts ? "string" : "") {
    case "integer": return .int64
    case "boolean": return .bool
    case "string":
      switch property.format {
      case "date-time", "date": return .timestamp
      default: return .string
      }
    case "number":
      guard let multiple = property.multiple else { return .float64 }
      guard let places = multiple.text.flatMap({ Self.places($0) }) else {
        throw Mistake("\(path).multipleOf", multiple, "is \(multiple.kind)", "write 0.01 for two decimal places")
      }
      return .decimal(scale: places)
    case "object", "array":
      throw Mistake(
        "\(path).type",
        value,
        "is \(property.type ?? ""), which is no column",
        "leave it out with `columns`"
      )
    case "": throw Mistake(path, value, "has no `type`", "say its type")
    default:
      throw Mistake("\(path).type", value, "is '\(property.type ?? "")'", "use integer, number, string or boolean")
    }
  }

  /// The decimal places of numbers that are multiples of `text`: 1, 0.1, 0.01 and so on.
  private static func places(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    return (0...ColumnType.largestScale).first { places in
      guard DecimalText.parse(bytes.span, scale: places) == 1, let double = Double(text) else { return false }
      return places == 0 ? double == 1 : double < 1
    }
  }

  /// A schema without the `$ref` that may stand for it, to a place in the same file.
  private func resolved(_ value: YAMLValue, _ path: String, depth: Int) throws(Mistake) -> YAMLValue {
    guard case .mapping(let pairs) = value.content, let reference = pairs.first(where: { $0.key.name == "$ref" })?.value
    else { return value }
    let text = reference.text ?? ""
    guard text.hasPrefix("#/"), depth < 10 else {
      throw Mistake("\(path).$ref", reference, "is '\(text)'", "refer to a place in the same file: #/$defs/name")
    }
    var place = root
    for name in text.dropFirst(2).split(separator: "/") {
      guard case .mapping(let pairs) = place.content, let next = pairs.first(where: { $0.key.name == name })?.value
      else {
        throw Mistake(
          "\(path).$ref",
          reference,
          "is '\(text)', which is not there",
          "refer to a place in the same file"
        )
      }
      place = next
    }
    return try resolved(place, path, depth: depth + 1)
  }

  private static func unknown(_ keyword: String, _ path: String, _ value: YAMLValue) -> Mistake {
    Mistake(
      "\(path).\(keyword)",
      value,
      "is a keyword that Sluice does not check",
      "remove it, or declare the column here"
    )
  }

  private func texts(_ value: YAMLValue, _ path: String) throws(Mistake) -> [String] {
    guard case .sequence(let values) = value.content else {
      throw Mistake(path, value, "is \(value.kind)", "write a list of names")
    }
    return values.compactMap(\.text)
  }
}

extension YAMLValue {
  /// The text of a scalar.
  var text: String? { if case .scalar(let text) = content { text } else { nil } }

  /// Whether it is JSON's null.
  fileprivate var isNull: Bool { text == "null" && textOffset == 0 }
}

extension ColumnRules.Value {
  /// The least value that is greater.
  fileprivate var next: ColumnRules.Value {
    switch self {
    case .int(let value): .int(value == .max ? value : value + 1)
    case .float(let value): .float(value.nextUp)
    case .text: self
    }
  }

  /// The greatest value that is less.
  fileprivate var previous: ColumnRules.Value {
    switch self {
    case .int(let value): .int(value == .min ? value : value - 1)
    case .float(let value): .float(value.nextDown)
    case .text: self
    }
  }
}
