import Records
import Testing

@Suite struct KeyGroupsTests {
  @Test func everyWorkerOwnsARunOfGroupsAsLongAsTheOthers() {
    for workers in 1...KeyGroups.count {
      let owners = (0..<KeyGroups.count).map { KeyGroups.worker(ofGroup: $0, workers: workers) }
      #expect(owners == owners.sorted(), "\(workers) workers: a worker's groups are neighbours")
      var sizes = Array(repeating: 0, count: workers)
      for owner in owners { sizes[owner] += 1 }
      let (least, most) = (sizes.min() ?? 0, sizes.max() ?? 0)
      #expect(least > 0 && most - least <= 1, "\(workers) workers own \(sizes)")
    }
  }

  /// Saved state is found by these numbers: they never change.
  @Test func groupsOfHashesAreFixed() {
    #expect(KeyGroups.count == 256)
    for (hash, group) in [(0, 0), (255, 255), (256, 0), (0xFFFF_FFFF_FFFF_FF07, 7)] as [(UInt64, Int)] {
      #expect(KeyGroups.group(ofHash: hash) == group)
    }
    #expect(KeyGroups.group(ofHash: StableHash.of(42)) == Int(StableHash.of(42) & 0xFF))
    #expect([0, 85, 86, 170, 171, 255].map { KeyGroups.worker(ofGroup: $0, workers: 3) } == [0, 0, 1, 1, 2, 2])
  }
}
