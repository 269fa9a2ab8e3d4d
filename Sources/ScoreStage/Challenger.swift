package import Records

extension ScorePlan {
  /// A model, rules and thresholds on trial beside those that decide.
  package struct Challenger: Sendable {
    package let name: String
    /// Over the same input; without reasons of a model, and without challengers. nil: it could not be loaded and is left out;
    /// its columns stay, and are null, so that whoever names them is not delayed.
    package let plan: ScorePlan?

    package init(name: String, plan: ScorePlan?) {
      self.name = name
      self.plan = plan
    }

    /// What it adds to a row, its score and its decision.
    package var fields: [Field] {
      [
        Field("\(name).\(ScorePlan.scoreField.name)", .float64, nullable: true),
        Field("\(name).\(ScorePlan.decisionField.name)", .string, nullable: true),
      ]
    }
  }

  /// Bounds the work on a row, for plans may come from a peer.
  package static let mostChallengers = 16
}

extension ScorePlan.Challenger {
  func encode(into writer: inout ByteWriter) {
    writer.write(name)
    writer.write(plan) { $0.encodeScoring(into: &$1) }
  }

  init(from reader: inout ByteReader, _ schema: Schema) throws(MalformedBytes) {
    name = try reader.read()
    plan = try reader.readOptional { (reader) throws(MalformedBytes) in
      try ScorePlan(scoringFrom: &reader, schema, challengers: { (_) throws(MalformedBytes) in [] })
    }
  }
}
