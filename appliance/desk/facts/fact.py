"""Everything that can be sealed."""

from appliance.desk.facts.call import Call, CallClosed
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.visit import Visit
from appliance.desk.facts.withdrawal import Withdrawal

Fact = Call | CallClosed | Visit | Consultation | Withdrawal
