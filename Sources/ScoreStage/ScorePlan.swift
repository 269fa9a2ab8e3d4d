package import Models
package import Records

/// What a score stage does: a model over some columns, rules, and the thresholds of decisions.
package struct ScorePlan: Sendable {
  package let inputSchema: Schema
  /// nil: a score is what the weights of rules add up to.
  package let model: Model?
  /// Scores from here on are for review; nil: none.
  package let review: Double?
  /// Scores from here on are declined; nil: none.
  package let decline: Double?
  package let match: Rule.Match
  /// Over `ruleSchema`; at most `mostRules`.
  package let rules: [Rule]
  /// Others that score the same rows, and change nothing in what this plan gives; at most `mostChallengers`, which have none
  /// themselves.
  package let challengers: [Challenger]

  /// A model and where its inputs are.
  package struct Model: Sendable {
    package let model: ScoringModel
    /// As columns of the stage's input, in the model's order.
    package let inputs: [Int]
    /// Of each input: the numbers of its categories; nil: the column has numbers itself. Empty: no input has categories.
    package let categories: [CategoryCodes?]
    /// nil: the model gives no reasons.
    package let reasons: ModelReasons?
    /// A column that has its reasons for each row, where it is no more than a column itself; those of approved rows are left out.
    package let reasonsColumn: Int?

    package init(
      _ model: ScoringModel,
      inputs: [Int],
      categories: [CategoryCodes?] = [],
      reasons: ModelReasons? = nil,
      reasonsColumn: Int? = nil
    ) {
      self.model = model
      self.inputs = inputs
      self.categories = categories
      self.reasons = reasons
      self.reasonsColumn = reasonsColumn
    }
  }

  package init(
    inputSchema: Schema,
    model: Model?,
    review: Double? = nil,
    decline: Double? = nil,
    match: Rule.Match = .all,
    rules: [Rule] = [],
    challengers: [Challenger] = []
  ) {
    self.inputSchema = inputSchema
    self.model = model
    self.review = review
    self.decline = decline
    self.match = match
    self.rules = rules
    self.challengers = challengers
  }

  package static let scoreField = Field("score", .float64)
  package static let decisionField = Field("decision", .string)
  package static let reasonsField = Field("reasons", .string)

  package static let addedFields = [scoreField, decisionField, reasonsField]

  /// The columns that rules may speak of: the incoming ones, and the model's score where there is a model.
  package static func ruleSchema(_ input: Schema, hasModel: Bool) -> Schema {
    hasModel ? input.appending([scoreField]) : input
  }

  package var outputSchema: Schema {
    inputSchema.appending(Self.addedFields + challengers.flatMap(\.fields))
  }

  /// Bounds the work on a row, for plans may come from a peer.
  package static let mostRules = 1024
}
