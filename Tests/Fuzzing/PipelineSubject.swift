import Dataflow
internal import Foundation
import PipelineSpec
import Plan
import Records
import TestSupport

/// A pipeline file, beside a model and a CSV file that it may name.
enum PipelineSubject {
  static let folder: TemporaryFolder = {
    do {
      let folder = try TemporaryFolder()
      let files = FileManager.default
      for (original, name) in [
        ("Tests/ModelFilesTests/Fixtures/constant.json", "m.json"), ("pipelines/models", "models"),
      ] {
        try files.copyItem(atPath: Repository.path(original), toPath: folder.path(name))
      }
      try folder.write("scorecard.json", FirstInputs.scorecard)
      try folder.write("in.csv", "id,at,amount,note,d,t,step,ok,kind\n1,2020-01-01,2.50,x,2020-01-01,10:00,1,a,x\n")
      try folder.write("t.csv", "kind,since,w\nx,2020-01-01,0.5\ny,2020-01-01,\ny,2021-01-01,2\n")
      return folder
    } catch {
      fatalError("cannot make the folder of the pipeline file: \(error)")
    }
  }()

  static func read(_ bytes: [UInt8]) {
    // Foundation leaks when it reads an empty file, which would hide a leak of ours.
    guard !bytes.isEmpty else { return }
    let path = folder.path("p.yaml")
    do {
      try Data(bytes).write(to: URL(filePath: path))
      check(try PipelineCompiler.compile(path: path))
    } catch let error as PipelineFileError {
      Subject.require(!error.diagnostics.isEmpty && !error.description.isEmpty, "a refusal has a reason")
    } catch {
      fatalError("\(error)")
    }
  }

  /// What the compiler makes is what the workers take.
  private static func check(_ pipeline: PipelinePlan) {
    let deployment = Deployment(pipeline) { _, _ in "" }
    for worker in deployment.workers {
      let plan = try? WorkerPlan(decoding: worker.plan)
      Subject.require(plan?.encoded == worker.plan, "a plan survives its encoding")
    }
    for stage in pipeline.stages { StageSubject.run(stage.plan) }
  }
}
