import Decisions
import TestSupport
import Testing
import WindowStage
