package import Expressions
internal import Records

/// What is to become of a row.
package enum Decision: UInt8, Hashable, Sendable, CaseIterable {
  case approve = 0
  case review = 1
  case decline = 2
}

/// A named condition, with what follows from it where it holds.
package struct Rule: Sendable {
  package let name: String
  /// True or false; a null is no hit.
  package let condition: Expression
  /// Added to the score; finite. nil: nothing is.
  package let weight: Double?
  /// nil: the rule leaves the decision to others.
  package let decision: Decision?
  /// What `reasons` shows of it: its name, or a text for people.
  package let reason: String

  package init(
    name: String,
    condition: Expression,
    weight: Double? = nil,
    decision: Decision? = nil,
    reason: String? = nil
  ) {
    self.name = name
    self.condition = condition
    self.weight = weight
    self.decision = decision
    self.reason = reason ?? name
  }

  /// Which rules count of those that hold.
  package enum Match: UInt8, Hashable, Sendable {
    /// All: weights add up, the severest decision stands.
    case all = 0
    /// The first: its decision is final, if it has one, so that it can allow what others would decline.
    case first = 1
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(name)
    condition.encode(into: &writer)
    writer.write(weight) { $1.write($0) }
    writer.write(decision) { $1.write($0.rawValue) }
    writer.write(reason)
  }

  /// - Parameter schema: of the rows that it will see.
  init(from reader: inout ByteReader, schema: Schema) throws(MalformedBytes) {
    name = try reader.read()
    condition = try Expression(from: &reader, schema: schema)
    guard condition.type == .bool else { throw reader.malformed("a condition that is true or false") }
    weight = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(Double.self) }
    guard weight?.isFinite ?? true else { throw reader.malformed("the weight of a rule") }
    decision = try reader.readOptional { (reader) throws(MalformedBytes) in
      guard let decision = Decision(rawValue: try reader.read()) else { throw reader.malformed("a decision") }
      return decision
    }
    reason = try reader.read()
  }
}
