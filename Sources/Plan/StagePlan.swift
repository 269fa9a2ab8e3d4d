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
    /// The part of a sink that many workers can do: rows become lines.
    case format(SinkPlan)
  }

  package let kind: Kind
  /// The rows that come in; for a source, that its input holds.
  package let inputSchema: Schema
  /// What stands before its own work (for a source: behind it). A sink applies the filter itself, since it evaluates the
  /// scores of all rows.
  package let projection: ProjectionPlan
  package let forNext: ForNext

  /// What a stage does for the next one, before its rows are sent.
  package struct ForNext: Sendable {
    /// The `compute` and `where` of the next stage, where its key is a column that it computes: rows find their worker by
    /// their key, so it must be there before they are sent.
    package var projection = ProjectionPlan(compute: [], filter: nil)
    /// The making of lines for a sink that shows few of its rows: the others need not travel. The filter says which it shows.
    package var format: (plan: SinkPlan, filter: Expression?)?

    package init() {}

    func schema(over input: Schema) -> Schema { format?.plan.lineSchema ?? projection.schema(over: input) }
  }

  package init(
    kind: Kind,
    inputSchema: Schema,
    projection: ProjectionPlan,
    forNext: ForNext = ForNext()
  ) {
    self.kind = kind
    self.inputSchema = inputSchema
    self.projection = projection
    self.forNext = forNext
  }

  /// The rows that go to the next stage.
  package var outputSchema: Schema { forNext.schema(over: ownOutputSchema) }

  /// The same, without what the stage does for the next.
  package var ownOutputSchema: Schema {
    switch kind {
    case .source, .sink: projection.schema(over: inputSchema)
    case .window(let plan): plan.outputSchema
    case .score(let plan): plan.outputSchema
    case .format(let plan): plan.lineSchema
    }
  }

  /// The same stage with what the stage behind it needs to have computed.
  package func computing(_ projection: ProjectionPlan) -> StagePlan {
    var forNext = forNext
    forNext.projection = projection
    return with(forNext)
  }

  func with(_ forNext: ForNext) -> StagePlan {
    StagePlan(kind: kind, inputSchema: inputSchema, projection: projection, forNext: forNext)
  }

  /// Takes out the projection, for the stage before to do.
  package var withoutProjection: StagePlan {
    StagePlan(
      kind: kind,
      inputSchema: projection.schema(over: inputSchema),
      projection: ProjectionPlan(compute: [], filter: nil),
      forNext: forNext
    )
  }
}

/// Where a sink's text goes.
package enum SinkTarget: Hashable, Sendable {
  case standardOutput
  /// Replaced when the run starts.
  case file(path: String)
}
