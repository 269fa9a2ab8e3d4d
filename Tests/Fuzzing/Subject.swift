import Dataflow
import Expressions
import ModelFiles
import Models
import Plan
import Records
import TestSupport

/// What reads an input; the raw value is the input's first byte.
///
/// Beside not trapping, what is accepted must keep its promises: it survives its own encoding, and can be used.
enum Subject: UInt8, CaseIterable {
  case frame, resealedFrame, controlMessage, workerPlan, modelFile, encodedModel, csv, expression, pipelineFile,
    protobuf

  func read(_ bytes: [UInt8]) {
    switch self {
    case .frame: Self.readFrame(bytes)
    case .resealedFrame: Self.readFrame(FrameDamage.resealed(FrameDamage.withItsLength(bytes)))
    case .controlMessage: Self.readControlMessage(bytes)
    case .workerPlan: Self.readWorkerPlan(bytes)
    case .modelFile: if let loaded = try? ModelFile.load(bytes: bytes) { Self.use(loaded.model) }
    case .encodedModel: if let model = try? ScoringModel(decoding: bytes) { Self.use(model) }
    case .csv: CSVSubject.read(bytes)
    case .protobuf: ProtobufSubject.read(bytes)
    case .expression: ExpressionSubject.read(bytes)
    case .pipelineFile: PipelineSubject.read(bytes)
    }
  }

  /// Ends the program, which the fuzzer reports with the input.
  static func require(_ isRight: Bool, _ promise: @autoclosure () -> String) {
    if !isRight { fatalError("broken promise: \(promise())") }
  }

  private static func readFrame(_ bytes: [UInt8]) {
    _ = try? Frame(decoding: FrameStorage(copying: bytes.span), schema: .ofEveryType).readEverything()
  }

  private static func readControlMessage(_ bytes: [UInt8]) {
    guard let message = try? ControlMessage(decoding: bytes) else { return }
    let encoded = message.encoded
    require((try? ControlMessage(decoding: encoded))?.encoded == encoded, "a message survives its encoding")
  }

  private static func readWorkerPlan(_ bytes: [UInt8]) {
    guard let plan = try? WorkerPlan(decoding: bytes) else { return }
    let encoded = plan.encoded
    require((try? WorkerPlan(decoding: encoded))?.encoded == encoded, "a plan survives its encoding")
    StageSubject.run(plan.stage)
  }

  private static func use(_ model: ScoringModel) {
    var encoded: [UInt8] = []
    model.encode(into: &encoded)
    require((try? ScoringModel(decoding: encoded)) != nil, "a model survives its encoding")
    let numbers: [Double] = [0, 1, -1, .infinity, -.infinity, .greatestFiniteMagnitude, 0.5, 1e-40]
    var rows = [Double](repeating: .nan, count: model.featureCount)
    rows += (0..<model.featureCount).map { numbers[$0 % numbers.count] }
    var scores: [Double] = [0, 0]
    var results = scores.mutableSpan
    model.score(rows: rows.span, count: 2, into: &results)
    if var explainer = Explainer(model) {
      var contributions = [Double](repeating: 0, count: model.featureCount)
      var span = contributions.mutableSpan
      explainer.explain(rows.span.extracting(model.featureCount..<2 * model.featureCount), into: &span)
      if model.isForest {
        require(contributions.allSatisfy(\.isFinite), "every contribution to a score of trees is a number")
      }
    }
    if model.isForest { require(!scores.contains(where: \.isNaN), "every score of trees is a number") }
  }
}
