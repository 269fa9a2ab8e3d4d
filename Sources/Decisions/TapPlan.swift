internal import Expressions
internal import Plan
internal import Records
internal import SinkStage

/// A pipeline whose rows are looked at on their way: its own stages, and sinks that write down what passes some places.
///
/// Each stage is one worker that takes its rows by position, and nothing is written where the pipeline's own sinks would write.
/// A stage keeps its number, by which windows that emit give positions.
struct TapPlan {
  private let pipeline: PipelinePlan
  private let folder: String
  private var stages: [PipelinePlan.Stage]
  private var count = 0

  /// - Parameter folder: where the taps write.
  init(_ pipeline: PipelinePlan, folder: String) {
    self.pipeline = pipeline
    self.folder = folder
    stages = pipeline.stages.map { Self.alone($0.name, $0.plan, $0.inputs) }
    for number in stages.indices {
      if case .sink = stages[number].plan.kind { silence(number) }
    }
  }

  var plan: PipelinePlan {
    PipelinePlan(name: pipeline.name, deadLetterPath: "\(folder)/dead-letters.jsonl", stages: stages)
  }

  /// The columns that come to a stage, and those that its `compute` adds.
  func inputSchema(of stage: Int) -> Schema {
    let plan = pipeline.stages[stage].plan
    return plan.projection.schema(over: plan.inputSchema)
  }

  /// Writes down rows that leave a stage.
  ///
  /// - Parameters:
  ///   - most: write down only so many of its columns, the first; nil: all.
  ///   - added: columns behind those of the stage.
  ///   - filter: over the columns of the stage; nil: all rows.
  mutating func tap(
    outputOf stage: Int,
    first most: Int? = nil,
    adding added: [ComputedColumn] = [],
    where filter: Expression?
  ) -> Tap {
    let schema = stages[stage].plan.outputSchema
    let own = schema.fields.count
    let columns = Array(0..<(most ?? own)) + (0..<added.count).map { own + $0 }
    let (tap, kind) = sink(over: ProjectionPlan(compute: added, filter: nil).schema(over: schema), columns)
    let projection = ProjectionPlan(compute: added, filter: filter)
    stages.append(
      Self.alone(
        "tap-\(count)",
        StagePlan(kind: kind, inputSchema: schema, projection: projection),
        [PipelinePlan.Input(stage)]
      )
    )
    return tap
  }

  /// Writes down rows that come to a stage, with what its `compute` adds, whether or not its `where` lets them in: a column
  /// behind the others says that.
  mutating func tap(inputsOf stage: Int, adding added: [ComputedColumn] = [], where filter: Expression?) -> Tap {
    let (tap, plan) = inputTap(of: stage, adding: added, where: filter)
    stages.append(Self.alone("tap-\(count)", plan, stages[stage].inputs))
    return tap
  }

  /// The same of a sink, in its own place.
  mutating func tap(sink stage: Int, where filter: Expression?) -> Tap {
    // What it was, not the silenced one.
    let own = pipeline.stages[stage]
    stages[stage] = Self.alone(own.name, own.plan, own.inputs)
    let (tap, plan) = inputTap(of: stage, adding: [], where: filter)
    stages[stage] = Self.alone(own.name, plan, own.inputs)
    return tap
  }

  /// Adds a stage that reads what another one does, and gives its number.
  mutating func add(beside stage: Int, _ kind: StagePlan.Kind) -> Int {
    let own = stages[stage]
    let plan = StagePlan(kind: kind, inputSchema: own.plan.inputSchema, projection: own.plan.projection)
    stages.append(Self.alone("beside-\(own.name)", plan, own.inputs))
    return stages.count - 1
  }

  private mutating func inputTap(
    of stage: Int,
    adding added: [ComputedColumn],
    where filter: Expression?
  ) -> (Tap, StagePlan) {
    let own = stages[stage].plan
    var compute = own.projection.compute + added
    if let condition = own.projection.filter { compute.append(ComputedColumn(name: Tap.passes, expression: condition)) }
    let projection = ProjectionPlan(compute: compute, filter: filter)
    let (tap, kind) = sink(over: projection.schema(over: own.inputSchema))
    return (tap, StagePlan(kind: kind, inputSchema: own.inputSchema, projection: projection))
  }

  private mutating func silence(_ stage: Int) {
    let own = stages[stage]
    let plan = SinkPlan(inputSchema: own.plan.inputSchema, format: .jsonl, columns: [], evaluation: nil)
    count += 1
    stages[stage] = own.with(
      StagePlan(
        kind: .sink(plan, .file(path: "\(folder)/\(count).none")),
        inputSchema: own.plan.inputSchema,
        projection: ProjectionPlan(compute: [], filter: Equality.never)
      )
    )
  }

  private mutating func sink(over schema: Schema, _ columns: [Int]? = nil) -> (Tap, StagePlan.Kind) {
    count += 1
    let columns = columns ?? Array(schema.fields.indices)
    let tap = Tap(path: "\(folder)/\(count).rows", schema: Schema(columns.map { schema.fields[$0] }))
    let plan = SinkPlan(inputSchema: schema, format: .frames, columns: columns, evaluation: nil)
    return (tap, .sink(plan, .file(path: tap.path)))
  }

  private static func alone(
    _ name: String,
    _ plan: StagePlan,
    _ inputs: [PipelinePlan.Input]
  ) -> PipelinePlan.Stage {
    PipelinePlan.Stage(name: name, plan: plan, inputs: inputs)
  }
}
