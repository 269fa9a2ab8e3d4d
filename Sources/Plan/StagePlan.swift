package import Expressions
package import Records
package import ScoreStage
package import SinkStage
package import SourceStage
package import WindowStage

/// What a stage does: its kind with the plan of that kind, and the `compute` and `where` around it.
package struct StagePlan: Sendable {
  package enum Kind: Sendable {
    case source(SourcePlan)
    case window(WindowPlan)
    case score(ScorePlan)
    case sink(SinkPlan, SinkTarget)
  }

  package let kind: Kind
  /// The rows that come in; for a source, that its input holds.
  package let inputSchema: Schema
  /// Columns that the stage computes before its own work (a source: after it), each seeing those before it.
  package let compute: [ComputedColumn]
  /// Which rows stay, after `compute`; nil: all. A sink applies it itself, since it evaluates the scores of all rows.
  package let filter: Expression?

  package init(kind: Kind, inputSchema: Schema, compute: [ComputedColumn], filter: Expression?) {
    self.kind = kind
    self.inputSchema = inputSchema
    self.compute = compute
    self.filter = filter
  }

  /// The rows that go to the next stage.
  package var outputSchema: Schema {
    let computed = inputSchema.appending(
      compute.map { Field($0.name, $0.expression.type, nullable: $0.expression.isNullable) }
    )
    return switch kind {
    case .source, .sink: computed
    case .window(let plan): plan.outputSchema
    case .score(let plan): plan.outputSchema
    }
  }
}

/// A column that `compute` adds.
package struct ComputedColumn: Sendable {
  package let name: String
  package let expression: Expression

  package init(name: String, expression: Expression) {
    self.name = name
    self.expression = expression
  }
}

/// Where a sink's text goes.
package enum SinkTarget: Hashable, Sendable {
  case standardOutput
  /// Replaced when the run starts.
  case file(path: String)
}
