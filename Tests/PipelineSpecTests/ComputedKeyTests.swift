import Foundation
import PipelineSpec
import Plan
import Records
import TestSupport
import Testing

/// A window whose key it computes itself: rows find their worker by their key, so the stage before computes it.
@Suite struct ComputedKeyTests {
  static func plan(_ edit: (String) -> String) throws -> PipelinePlan {
    let folder = try TemporaryFolder()
    try folder.write("data.csv", WrongFileTests.header)
    return try PipelineCompiler.compile(path: try folder.write("test.yaml", edit(WrongFileTests.file)))
  }

  @Test func aKeyOfTheInputIsLeftWhereItIs() throws {
    let plan = try Self.plan {
      $0.replacingOccurrences(of: "from: in\n", with: "from: in\n    compute: {twice: 2 * card}\n")
    }
    #expect(plan.stages[1].inputs[0].delivery.projection.isEmpty)
    #expect(plan.stages[1].plan.projection.compute.map(\.name) == ["twice"])
  }

  @Test func aComputedKeyMovesToTheStageBeforeWithWhatGoesWithIt() throws {
    let plan = try Self.plan {
      $0.replacingOccurrences(
        of: "from: in\n",
        with: "from: in\n    compute:\n      place: coalesce(note, 'none')\n    where: amount < 9\n"
      ).replacingOccurrences(of: "key: card", with: "key: place")
    }
    #expect(plan.stages[1].inputs[0].delivery.projection.compute.map(\.name) == ["place"])
    #expect(plan.stages[1].inputs[0].delivery.projection.filter != nil)
    let delivered = plan.stages[1].inputs[0].delivery.schema(over: plan.stages[0].plan.outputSchema)
    #expect(delivered.fields.map(\.name).last == "place")
    #expect(plan.stages[1].plan.projection.isEmpty)
    #expect(plan.stages[1].plan.inputSchema == delivered)
  }
}
