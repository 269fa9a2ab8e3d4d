package import Records

/// Which of a model's inputs a row's `reasons` name: those that contribute most to its score.
package struct ModelReasons: Sendable, Equatable {
  /// Inputs that stand for one reason: their contributions count together.
  package struct Reason: Sendable, Equatable {
    /// What is shown where they raise the score.
    package let raises: String
    /// What is shown where they lower it; nil: nothing.
    package let lowers: String?

    package init(raises: String, lowers: String? = nil) {
      self.raises = raises
      self.lowers = lowers
    }
  }

  /// How many reasons a row gets at most.
  package let most: Int
  /// How much a contribution is at least, either way, in the unit of the model's sum: above 0.
  package let least: Double
  /// Whether rows that are approved get reasons too.
  package let ofAllRows: Bool
  package let reasons: [Reason]
  /// The reason of each input, by its number in `reasons`.
  package let reasonOfInput: [Int]

  package static let greatestMost = 64

  package init(most: Int, least: Double, ofAllRows: Bool, reasons: [Reason], reasonOfInput: [Int]) {
    self.most = most
    self.least = least
    self.ofAllRows = ofAllRows
    self.reasons = reasons
    self.reasonOfInput = reasonOfInput
  }
}

extension ModelReasons {
  package func encode(into writer: inout ByteWriter) {
    writer.write(UInt32(most))
    writer.write(least)
    writer.write(ofAllRows)
    writer.write(reasons) { reason, writer in
      writer.write(reason.raises)
      writer.write(reason.lowers) { $1.write($0) }
    }
    writer.write(reasonOfInput) { $1.write(UInt32($0)) }
  }

  /// - Parameter inputs: how many the model has.
  package init(from reader: inout ByteReader, inputs: Int) throws(MalformedBytes) {
    most = Int(try reader.read(UInt32.self))
    guard 1...Self.greatestMost ~= most else { throw reader.malformed("1 to \(Self.greatestMost) reasons") }
    least = try reader.read()
    guard least > 0 else { throw reader.malformed("a contribution above 0") }
    ofAllRows = try reader.read()
    let reasons = try reader.read { (reader) throws(MalformedBytes) in
      Reason(
        raises: try reader.read(),
        lowers: try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(String.self) }
      )
    }
    self.reasons = reasons
    reasonOfInput = try reader.read { (reader) throws(MalformedBytes) in
      let reason = Int(try reader.read(UInt32.self))
      guard reasons.indices.contains(reason) else { throw reader.malformed("one of the reasons") }
      return reason
    }
    guard reasonOfInput.count == inputs else { throw reader.malformed("a reason for each input") }
  }
}
