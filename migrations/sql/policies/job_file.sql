-- The file of a job is seen by whoever sees the job.
CREATE POLICY own ON facts.job_file FOR ALL USING (
    operation_id = (SELECT calc.operation())
    AND EXISTS (SELECT FROM facts.job AS j WHERE j.operation_id = job_file.operation_id AND j.id = job_file.job_id)
);
