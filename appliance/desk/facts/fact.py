"""Everything that can be sealed."""

from appliance.desk.facts.call import Call, CallClosed
from appliance.desk.facts.consultation import Consultation, Correction
from appliance.desk.facts.day import ClockAnchor, DayClosed, Tally
from appliance.desk.facts.security import SecurityEvent
from appliance.desk.facts.shift import Shift
from appliance.desk.facts.visit import Visit
from appliance.desk.facts.withdrawal import Withdrawal

Fact = (
    Call
    | CallClosed
    | Visit
    | Consultation
    | Correction
    | Withdrawal
    | Shift
    | Tally
    | ClockAnchor
    | SecurityEvent
    | DayClosed
)
