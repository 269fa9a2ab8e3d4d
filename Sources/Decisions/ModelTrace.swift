internal import Models
internal import ScoreStage

/// What a model made of the row.
package struct ModelTrace: Sendable {
  /// As the pipeline file has it.
  package let file: String
  /// In the model's order.
  package let inputs: [Cell]
  package let contributions: Contributions

  package enum Contributions: Sendable {
    case known(ContributionTrace)
    /// The score is its one input.
    case itself
    /// Why they cannot be told.
    case unknown(String)
  }
}

/// What each input of a model contributed to its sum.
package struct ContributionTrace: Sendable {
  package struct Input: Sendable {
    package let cell: Cell
    package let contribution: Double
  }

  /// What the contributions come on top of.
  package let base: Double
  /// Those that contribute most, either way, first; of equal ones in the model's order.
  package let inputs: [Input]
  /// What base and contributions add up to.
  package let sum: Double
  /// How a sum becomes a score.
  package let output: Output
  /// The model's own score, before rules add their weights.
  package let score: Double

  package enum Output: Hashable, Sendable {
    /// The score is the sum.
    case sum
    /// 1 / (1 + e^(-steepness sum)).
    case logistic(steepness: Double)
    /// e^sum.
    case exponential
    /// 1 above 0, otherwise 0.
    case side
    /// The sum times its absolute value.
    case square
  }
}

extension ModelTrace {
  /// - Parameter inputs: in the model's order.
  init(_ model: ScorePlan.Model, file: String, _ inputs: [Cell]) {
    self.file = file
    self.inputs = inputs
    if model.model.isIdentity {
      contributions = .itself
      return
    }
    let row = inputs.enumerated().map { place, cell in model.number(cell.text, ofInput: place, cell.type) }
    do throws(Explainer.Refusal) {
      let explanation = try Explanation(of: row, by: model.model)
      contributions = .known(
        ContributionTrace(
          base: explanation.base,
          inputs: explanation.order.map { .init(cell: inputs[$0], contribution: explanation.contributions[$0]) },
          sum: explanation.sum,
          output: .init(model.model.output),
          score: explanation.score
        )
      )
    } catch {
      contributions = .unknown("\(error)")
    }
  }
}

extension ContributionTrace.Output {
  fileprivate init(_ output: ModelOutput) {
    self =
      switch output {
      case .margin: .sum
      case .logistic(let steepness): .logistic(steepness: steepness)
      case .exponential: .exponential
      case .side: .side
      case .square: .square
      }
  }
}
