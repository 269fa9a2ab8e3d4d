extension PipelinePlan {
  /// Bits at the lower end of a position's tag that tell by which way a row came: those of copies of a row differ in nothing else.
  package var wayBits: Int { Ways(RunningStage.all(of: self)).pathBits }
}
