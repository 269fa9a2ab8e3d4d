package import Records

/// What a sink compares of a score and its challengers.
package struct ComparisonPlan: Hashable, Sendable {
  /// A column of decisions: a `string`.
  package let decision: Int
  /// At least one, each with a name and a column of scores of its own.
  package let challengers: [Challenger]

  package struct Challenger: Hashable, Sendable {
    package let name: String
    /// A `float64`; null where the challenger has not scored the row.
    package let score: Int
    /// A `string`, null likewise.
    package let decision: Int

    package init(name: String, score: Int, decision: Int) {
      self.name = name
      self.score = score
      self.decision = decision
    }
  }

  package init(decision: Int, challengers: [Challenger]) {
    self.decision = decision
    self.challengers = challengers
  }

  package static func isDecision(_ type: ColumnType) -> Bool { type == .string }

  package var columns: [Int] { [decision] + challengers.flatMap { [$0.score, $0.decision] } }

  /// - Parameter place: where a column stands now.
  func moved(_ place: (Int) -> Int) -> ComparisonPlan {
    ComparisonPlan(
      decision: place(decision),
      challengers: challengers.map { Challenger(name: $0.name, score: place($0.score), decision: place($0.decision)) }
    )
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(UInt32(decision))
    writer.write(challengers) { challenger, writer in
      writer.write(challenger.name)
      writer.write(UInt32(challenger.score))
      writer.write(UInt32(challenger.decision))
    }
  }

  /// - Parameter column: reads a column that fits.
  init(
    from reader: inout ByteReader,
    column: (inout ByteReader, (ColumnType) -> Bool) throws(MalformedBytes) -> Int
  ) throws(MalformedBytes) {
    decision = try column(&reader, Self.isDecision)
    challengers = try reader.read { (reader) throws(MalformedBytes) in
      Challenger(
        name: try reader.read(),
        score: try column(&reader, EvaluationPlan.isScore),
        decision: try column(&reader, Self.isDecision)
      )
    }
    // No more than there are columns, which bounds the work on a row.
    guard !challengers.isEmpty, Set(challengers.map(\.name)).count == challengers.count,
      Set(challengers.map(\.score)).count == challengers.count
    else { throw reader.malformed("challengers, each with a name and a score of its own") }
  }
}
