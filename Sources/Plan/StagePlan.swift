package import LearnStage
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
    case learn(LearnPlan)
    case score(ScorePlan)
    case sink(SinkPlan, SinkTarget)
    /// The part of a sink that many workers can do: rows become lines.
    case format(SinkPlan)
  }

  package let kind: Kind
  /// The rows that come in; for a source, that its input holds.
  package let inputSchema: Schema
  /// What stands before its own work (for a source: behind it). A sink applies the filter itself, since it evaluates the
  /// scores of all rows.
  package let projection: ProjectionPlan

  package init(kind: Kind, inputSchema: Schema, projection: ProjectionPlan) {
    self.kind = kind
    self.inputSchema = inputSchema
    self.projection = projection
  }

  /// The rows that it leaves for the stages that read it.
  package var outputSchema: Schema {
    switch kind {
    case .source, .sink: projection.schema(over: inputSchema)
    case .window(let plan): plan.outputSchema
    case .learn(let plan): plan.outputSchema
    case .score(let plan): plan.outputSchema
    case .format(let plan): plan.lineSchema
    }
  }

  /// Takes out the projection, for the stages before to do.
  package var withoutProjection: StagePlan {
    StagePlan(
      kind: kind,
      inputSchema: projection.schema(over: inputSchema),
      projection: ProjectionPlan(compute: [], filter: nil)
    )
  }
}

/// Where a sink's text goes.
package enum SinkTarget: Hashable, Sendable {
  case standardOutput
  /// Replaced when the run starts.
  case file(path: String)
}
